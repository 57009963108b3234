# SPDX-License-Identifier: EUPL-1.2
"""A valid signed request for any row of the operation table, in any auth mode, in pieces to alter after signing.

The rows are read from server/s3/operation.cc, so there is no second list: a row that reads a document which this file
does not know fails its test by name.
"""
import base64
import copy
import dataclasses
import datetime
import hashlib
import pathlib
import re
import zlib
from urllib.parse import parse_qsl

from sigv4 import ChunkSigner, Raw, Signer, encode_value, now_utc

TABLE = pathlib.Path(__file__).resolve().parents[2] / "server" / "s3" / "operation.cc"
BODY = bytes(range(256)) * 3
TRAILER = "x-amz-checksum-crc32"
STREAMING = {
    "chunked signed": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "chunked unsigned trailer": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "chunked signed trailer": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
}
# Operations whose valid request changes nothing that can be listed, and those that are always answered by an error of their own.
NO_TRACE = {"PutBucketEncryption", "DeleteBucketEncryption"}
ALWAYS_REFUSED = {"GetBucketReplication": "ReplicationConfigurationNotFoundError"}
LOCKS = ("object-lock", "retention", "legal-hold")  # of a bucket that was made for them
MODES = ["header signed", "header unsigned", "presigned", *STREAMING]


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    method: str
    level: str
    subresource: str
    header: str
    body: str
    audit: str

    @property
    def changes(self):
        return self.audit == "Change" and self.name not in NO_TRACE

    @property
    def modes(self):
        return MODES if self.body != "None" else MODES[:3]


def operation_rows():
    """The operation table, as the compiler reads it."""
    text = TABLE.read_text()
    source = re.search(r'kCopySource = "([^"]+)"', text).group(1)
    pattern = (
        r'\{Operation::\w+, "(\w+)", Method::(\w+), Level::(\w+), "([^"]*)", ("[^"]*"|kCopySource),\s*'
        r'"[^"]*", Access::\w+, BodyKind::(\w+), \w+, AuditClass::(\w+)(?:, (?:true|false))+\}'
    )
    rows = [
        Row(
            name,
            method.upper(),
            level,
            sub,
            source if header == "kCopySource" else header.strip('"'),
            body,
            audit,
        )
        for name, method, level, sub, header, body, audit in re.findall(pattern, text)
    ]
    if not rows or len(rows) != len(re.findall(r"\{Operation::", text)):
        raise AssertionError(f"{TABLE}: {len(rows)} rows were understood")
    # A preflight is not signed, a form by its fields: operations/PostObject.py alters those.
    return [r for r in rows if r.method != "OPTIONS" and r.name != "PostObject"]


def routes(rows, method, level, query, has_copy_source):
    """Whether the table has an operation for this, by S3's rules: what has none is refused before its signature is read."""
    subs = {r.subresource for r in rows if r.subresource}
    named = [k for k, v in query if k in subs and (k, v) != ("list-type", "1")]
    names = [k for k, _ in query]
    if len(named) > 1 or names.count("partNumber") > 1:
        return False
    sub = named[0] if named else ""
    fits = [r for r in rows if (r.method, r.level, r.subresource) == (method, level, sub)]
    fits = [r for r in fits if not r.header or has_copy_source]
    is_part = method == "PUT" and sub == "uploadId"
    is_whole = method == "PUT" and level == "Object" and sub == ""
    return (
        bool(fits) and (not is_part or "partNumber" in names) and (not is_whole or "partNumber" not in names)
    )


def matrix_policy(bucket, action):
    """A policy that allows nobody anything who takes part in the matrix."""
    return (
        '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000216000562:user/nobody"},'
        f'"Action":"s3:{action}","Resource":"arn:aws:s3:::{bucket}/*"}}]}}'
    ).encode()


def lifecycle(prefix):
    return (
        b"<LifecycleConfiguration><Rule><ID>r</ID><Status>Disabled</Status><Filter><Prefix>"
        + prefix
        + b"</Prefix></Filter><Expiration><Days>9</Days></Expiration></Rule></LifecycleConfiguration>"
    )


def document(row, fixture):
    """The body of an operation that reads a document. The fixture has other settings than these."""
    grant = (
        b'<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>'
        + fixture["reader"].encode()
        + b"</ID></Grantee><Permission>READ</Permission></Grant>"
    )
    acl = b"<AccessControlPolicy><AccessControlList>" + grant + b"</AccessControlList></AccessControlPolicy>"
    documents = {
        "CreateBucket": b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>",
        "DeleteObjects": b"<Delete><Object><Key>k</Key></Object></Delete>",
        "CompleteMultipartUpload": b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
        + fixture["etag"].encode()
        + b"</ETag></Part></CompleteMultipartUpload>",
        "PutBucketEncryption": b"<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
        b"<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
        "PutBucketCors": b"<CORSConfiguration><CORSRule><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"
        b"</CORSRule></CORSConfiguration>",
        "PutBucketWebsite": b"<WebsiteConfiguration><IndexDocument><Suffix>put.html</Suffix></IndexDocument></WebsiteConfiguration>",
        "PutBucketVersioning": b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
        "PutBucketTagging": b"<Tagging><TagSet><Tag><Key>k</Key><Value>put</Value></Tag></TagSet></Tagging>",
    }
    until = (now_utc() + datetime.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    documents |= {
        "PutBucketLifecycleConfiguration": lifecycle(b"put/"),
        "PutObjectTagging": documents["PutBucketTagging"],
        "PutObjectLockConfiguration": b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
        b"<Mode>GOVERNANCE</Mode><Days>3</Days></DefaultRetention></Rule></ObjectLockConfiguration>",
        "PutObjectRetention": b"<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>" + until + b"</RetainUntilDate></Retention>",
        "PutObjectLegalHold": b"<LegalHold><Status>OFF</Status></LegalHold>",
        "PutBucketPolicy": matrix_policy(fixture["bucket"], "PutObject"),
        "PutPublicAccessBlock": b"<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
        "PutBucketOwnershipControls": b"<OwnershipControls><Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule>"
        b"</OwnershipControls>",
        "PutBucketAcl": acl,
        "PutObjectAcl": acl,
    }
    if row.name not in documents:
        raise AssertionError(f"{row.name} reads a document: give this test one")
    return documents[row.name]


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


class Chunked:
    """An aws-chunked body: [signature or None, data] a chunk, the last one empty; then the trailer and its signature."""

    def __init__(self, data, mode, account, region, headers):
        signer = ChunkSigner(account, region, headers) if "authorization" in headers else None
        sizes = len(data) // 2, len(data) - len(data) // 2
        pieces = [data[: sizes[0]], data[sizes[0] :], b""]
        signs = "unsigned" not in mode
        self.chunks = [[signer.chunk(p) if signs else None, p] for p in pieces]
        self.trailer = [TRAILER, crc32(data)] if "trailer" in mode else None
        self.trailer_signature = signer.trailer(*self.trailer) if self.trailer and signs else None

    def __bytes__(self):
        out = []
        for signature, data in self.chunks:
            extension = f";chunk-signature={signature}" if signature is not None else ""
            out.append(f"{len(data):x}{extension}\r\n".encode() + data + (b"\r\n" if data else b""))
        if self.trailer:
            out.append(f"{self.trailer[0]}:{self.trailer[1]}\r\n".encode())
        if self.trailer_signature is not None:
            out.append(f"x-amz-trailer-signature:{self.trailer_signature}\r\n".encode())
        return b"".join(out) + b"\r\n"


class Message:
    """A request as it is sent: method, path, query [[name, value]], headers [[name, value]], body (bytes or Chunked)."""

    def __init__(self, method, path, query, headers, body):
        self.method, self.path, self.query, self.headers, self.body = method, path, query, headers, body

    def copy(self):
        return copy.deepcopy(self)

    def header(self, name):
        return next((v for k, v in self.headers if k == name), None)

    def set_header(self, name, value):
        self.headers = [[k, value if k == name else v] for k, v in self.headers]

    def drop_header(self, name):
        self.headers = [[k, v] for k, v in self.headers if k != name]

    def __bytes__(self):
        query = "&".join(f"{encode_value(k)}={encode_value(v)}" for k, v in self.query)
        body = bytes(self.body)
        length = [["content-length", str(len(body))]] if body or self.method in ("PUT", "POST") else []
        lines = [f"{self.method} {self.path}{'?' if query else ''}{query} HTTP/1.1"]
        return (
            "\r\n".join(lines + [f"{k}: {v}" for k, v in self.headers + length]).encode() + b"\r\n\r\n" + body
        )


def build(row, mode, fixture, account, host, region, when=None, expires=600):
    """The valid request; `fixture` names bucket, new (a free name), empty (a bucket without objects), upload, etag, reader (a user), locked (a
    bucket with Object Lock)."""
    path = "/"
    if row.level != "Service":
        locks = row.subresource in LOCKS
        path += fixture[{"CreateBucket": "new", "DeleteBucket": "empty"}.get(row.name, "locked" if locks else "bucket")]
    if row.level == "Object":
        of_upload = row.subresource == "uploadId"
        there = row.method in ("GET", "HEAD", "DELETE") or row.subresource in ("acl", "tagging", *LOCKS)
        path += "/up" if of_upload else "/k" if there else "/made"
    values = {"uploadId": fixture["upload"], "list-type": "2"}
    query = [(row.subresource, values.get(row.subresource, ""))] if row.subresource else []
    if row.method == "PUT" and row.subresource == "uploadId":
        query.append(("partNumber", "2"))
    if row.name == "GetObject":
        query.append(("response-content-type", "text/plain"))
    headers = {"content-type": "application/x-matrix", "x-amz-meta-matrix": "a b"}
    if row.name == "GetObjectAttributes":
        headers["x-amz-object-attributes"] = "ETag"
    if row.header:
        headers[row.header] = f"/{fixture['bucket']}/k"
    data = {"None": b"", "Object": BODY}.get(row.body) if row.body != "Xml" else document(row, fixture)
    if mode in ("header unsigned", "presigned") and data:
        headers["content-md5"] = base64.b64encode(hashlib.md5(data).digest()).decode()
    if mode in STREAMING:
        headers |= {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": str(len(data))}
        if "trailer" in mode:
            headers["x-amz-trailer"] = TRAILER

    signer = Signer(account, "https://" + host, region)
    if mode == "presigned":
        target = signer.presign(row.method, path, query, expires, when, headers)
        pairs = parse_qsl(target.partition("?")[2], keep_blank_values=True)
        sent = {"host": host, **headers}
        return Message(row.method, path, [list(p) for p in pairs], [list(h) for h in sent.items()], data)
    payload_hash = {"header unsigned": "UNSIGNED-PAYLOAD", **STREAMING}.get(mode)
    signed = signer.sign(row.method, path, query, headers, data, when, payload_hash)
    body = Chunked(data, mode, account, region, signed) if mode in STREAMING else data
    return Message(row.method, path, [list(p) for p in query], [list(h) for h in signed.items()], body)


class Line:
    """A connection that is made anew when the server has closed it."""

    def __init__(self, endpoint, ca):
        self.endpoint, self.ca, self.raw = endpoint, ca, None

    def exchange(self, message):
        """The answer; None when the connection was closed without one."""
        if self.raw is None:
            self.raw = Raw(self.endpoint, self.ca)
        try:
            self.raw.send(bytes(message))
        except OSError:
            pass  # refused by its head and closed while its body was on the way: the answer is there to read
        answer = self.raw.answer(message.method)
        if answer is None or answer.headers.get("connection", "").lower() == "close":
            self.raw.socket.close()
            self.raw = None
        return answer
