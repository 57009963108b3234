# SPDX-License-Identifier: EUPL-1.2
"""The altered copies of a signed message: one for each thing that a request says, with the S3 errors that may refuse it."""
import hashlib
import re

from harness import REGION, account
from signed_message import Chunked, routes
from sigv4 import Signer

MISMATCH, MALFORMED = "SignatureDoesNotMatch", "malformed"
UNROUTED = ("MethodNotAllowed", "NotImplemented", "InvalidArgument", "PreconditionFailed")  # the last: a POST that is no form
# A second line of one of these is no request at all.
ONCE = [
    "host",
    "authorization",
    "x-amz-date",
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "x-amz-copy-source",
]
ONCE += ["content-md5", "content-type", "content-encoding"]


def flip(text, at=-1):
    """Another hexadecimal digit, another letter, another byte."""
    at %= len(text)
    if isinstance(text, bytes):
        return text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :]
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]


class Alterations:
    """The altered copies of one valid message: yields (what, message, codes)."""

    def __init__(self, rows, row, mode, message, other_host):
        self.rows, self.row, self.mode, self.message, self.other_host = rows, row, mode, message, other_host
        self.host = message.header("host")
        self.presigned = mode == "presigned"
        self.malformed = (
            "AuthorizationQueryParametersError" if self.presigned else "AuthorizationHeaderMalformed"
        )

    def all(self):
        for source in (
            self.methods,
            self.paths,
            self.queries,
            self.headers,
            self.hosts,
            self.credentials,
            self.bodies,
        ):
            for what, message, codes in source():
                codes = (codes,) if isinstance(codes, str) else codes
                yield what, message, tuple(self.malformed if c == MALFORMED else c for c in codes)

    def routed(self, message):
        """The codes of a message whose address may be another operation's, or nobody's."""
        copies = message.header("x-amz-copy-source") is not None
        level = "Service" if message.path == "/" else "Object" if message.path.count("/") > 1 else "Bucket"
        return MISMATCH if routes(self.rows, message.method, level, message.query, copies) else UNROUTED

    def altered(self, **fields):
        message = self.message.copy()
        for name, value in fields.items():
            setattr(message, name, value)
        return message

    def methods(self):
        for method in {"GET", "HEAD", "PUT", "POST", "DELETE"} - {self.message.method}:
            message = self.altered(method=method)
            yield f"method {method}", message, self.routed(message)

    def paths(self):
        path = self.message.path
        others = [path + "x"] if path != "/" else ["/another-bucket"]
        if self.row.level == "Object":
            bucket = path.split("/")[1]
            others += [
                f"/{bucket}x" + path[len(bucket) + 1 :],
                path + "/",
                "/" + bucket + "/" + path[len(bucket) + 1 :],
            ]
            others += [path.replace("/k", "/K").replace("/up", "/uP").replace("/made", "/mAde"), path + "%20"]
        if self.row.level == "Bucket":
            others += [path + "/key"]
        for other in others:
            message = self.altered(path=other)
            yield f"path {other}", message, self.routed(message)

    def queries(self):
        message = self.altered(query=[*self.message.query, ["x-added", "1"]])
        yield "query: a parameter added", message, MISMATCH
        for at, (name, value) in enumerate(self.message.query):
            if name.startswith("X-Amz-"):
                continue
            before, after = self.message.query[:at], self.message.query[at + 1 :]
            changed = "1" if name == "list-type" else "3" if name == "partNumber" else value + "x"
            forms = {
                "changed": [[name, changed]],
                "removed": [],
                "given twice": [[name, value], [name, value]],
            }
            forms["renamed"] = [[name + "x", value]]
            for form, pairs in forms.items():
                message = self.altered(query=before + pairs + after)
                yield f"query: {name} {form}", message, self.routed(message)

    def headers(self):
        for name, value in self.message.headers:
            if name in ("host", "authorization"):
                continue
            message = self.message.copy()
            message.set_header(
                name, value + "x" if name not in ("x-amz-date", "x-amz-content-sha256") else flip(value, -2)
            )
            # A length or a trailer that says something else is refused as unsigned before it is read.
            yield f"header {name} changed", message, MISMATCH if name != "x-amz-content-sha256" else (
                MISMATCH,
                "InvalidArgument",
            )
            message = self.message.copy()
            message.drop_header(name)
            gone = {"x-amz-date": "AccessDenied", "x-amz-content-sha256": "InvalidRequest"}
            yield f"header {name} removed", message, gone.get(name) or self.routed(message)
            message = self.message.copy()
            message.headers.append([name, value])
            yield f"header {name} given twice", message, "InvalidRequest" if name in ONCE else MISMATCH
            message = self.signing(lambda names, n=name: [x for x in names if x != n])
            yield f"header {name} not signed", message, "AccessDenied" if name.startswith(
                "x-amz-"
            ) else MISMATCH
        yield "header added and unsigned", self.with_header("x-amz-meta-late", "1"), "AccessDenied"
        if self.row.name in ("PutObject", "UploadPart"):
            source = f"/{self.message.path.split('/')[1]}/k"
            yield "x-amz-copy-source added", self.with_header("x-amz-copy-source", source), "AccessDenied"
        yield "a session token added", self.with_header("x-amz-security-token", "t"), "InvalidToken"
        for weaker in (
            "UNSIGNED-PAYLOAD",
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            hashlib.sha256(b"x").hexdigest(),
        ):
            message = self.message.copy()
            message.set_header("x-amz-content-sha256", weaker)
            if not self.presigned and weaker != self.message.header("x-amz-content-sha256"):
                yield f"payload declared {weaker[:30]}", message, MISMATCH

    def hosts(self):
        for host in (
            self.other_host,
            self.host.partition(".")[2],
            "127.0.0.1",
            self.host.upper(),
            self.host.partition(":")[0],
        ):
            message = self.message.copy()
            message.set_header("host", host)
            yield f"host {host}", message, MISMATCH
        message = self.message.copy()
        message.drop_header("host")
        yield "host removed", message, "InvalidRequest"
        yield "host given twice", self.with_header("host", self.host), "InvalidRequest"
        yield "host not signed", self.signing(lambda names: [n for n in names if n != "host"]), MALFORMED

    def with_header(self, name, value):
        message = self.message.copy()
        message.headers.append([name, value])
        return message

    # --- The credentials: the same fields in a header or in the query

    def field(self, name):
        if self.presigned:
            return next(v for k, v in self.message.query if k == f"X-Amz-{name}")
        return re.search(rf"{name}=([^,]*)", self.message.header("authorization")).group(1)

    def with_field(self, name, value):
        message = self.message.copy()
        if self.presigned:
            message.query = [[k, value if k == f"X-Amz-{name}" else v] for k, v in message.query]
        else:
            text = message.header("authorization")
            message.set_header("authorization", text.replace(f"{name}={self.field(name)}", f"{name}={value}"))
        return message

    def signing(self, change):
        return self.with_field("SignedHeaders", ";".join(change(self.field("SignedHeaders").split(";"))))

    def credentials(self):
        signature = self.field("Signature")
        for at in (0, 31, 63):
            yield f"signature digit {at}", self.with_field("Signature", flip(signature, at)), MISMATCH
        yield "signature of zeros", self.with_field("Signature", "0" * 64), MISMATCH
        for name, text in {
            "upper case": signature.upper(),
            "cut": signature[:-1],
            "empty": "",
            "long": signature + "0",
        }.items():
            yield f"signature {name}", self.with_field("Signature", text), MALFORMED
        key, date, region, service, end = self.field("Credential").split("/")
        for what, scope, code in (
            ("an unknown key", ("BFAAAAAAAAAAAAAAAAAA", date, region, service, end), "InvalidAccessKeyId"),
            ("a colleague's key", (account("alt")["access_key_id"], date, region, service, end), MISMATCH),
            ("a stranger's key", (account("tenant")["access_key_id"], date, region, service, end), MISMATCH),
            ("date", (key, flip(date, 0), region, service, end), MALFORMED),
            ("region", (key, date, region + "x", service, end), MISMATCH),
            ("service", (key, date, region, "ec2", end), MALFORMED),
            ("terminator", (key, date, region, service, "aws3_request"), MALFORMED),
            ("too few parts", (key, date, region, service), MALFORMED),
        ):
            yield f"scope: {what}", self.with_field("Credential", "/".join(scope)), code
        yield "signed headers in another order", self.signing(lambda names: names[::-1]), MALFORMED
        yield "a header signed that is not there", self.signing(
            lambda names: sorted([*names, "range"])
        ), MISMATCH
        yield from self.presigned_fields() if self.presigned else self.header_fields()

    def presigned_fields(self):
        moved = self.field("Date")
        yield "date a second off", self.with_field("Date", flip(moved, -2)), MISMATCH
        yield "date another day's", self.with_field("Date", "2013" + moved[4:]), MALFORMED
        yield "expiry longer", self.with_field("Expires", "6000"), MISMATCH
        yield "expiry beyond a week", self.with_field("Expires", "604801"), MALFORMED
        yield "expiry zero", self.with_field("Expires", "0"), "AccessDenied"  # a URL that has expired
        yield "algorithm", self.with_field("Algorithm", "AWS4-HMAC-SHA512"), MALFORMED
        names = [k for k, _ in self.message.query if k.startswith("X-Amz-")]
        for name in names:
            removed = self.altered(query=[[k, v] for k, v in self.message.query if k != name])
            yield f"{name} removed", removed, MALFORMED
            value = next(v for k, v in self.message.query if k == name)
            yield f"{name} given twice", self.altered(query=[*self.message.query, [name, value]]), MALFORMED
        bare = self.altered(query=[[k, v] for k, v in self.message.query if not k.startswith("X-Amz-")])
        if self.row.name != "ListBuckets":  # anybody may ask for no bucket at all
            yield "no credentials", bare, "AccessDenied"
        signed = Signer(account("admin"), "https://" + self.host, REGION).sign(
            self.message.method, self.message.path
        )
        yield "credentials twice", self.with_header(
            "authorization", signed["authorization"]
        ), "InvalidRequest"

    def header_fields(self):
        text = self.message.header("authorization")
        for what, value, code in (
            ("algorithm", text.replace("SHA256 ", "SHA512 "), "InvalidArgument"),
            ("a field given twice", text + ", Signature=" + self.field("Signature"), MALFORMED),
            ("a field unknown", text + ", Extra=1", MALFORMED),
            ("Signature version 2", "AWS AK:c2ln", "InvalidRequest"),
        ):
            message = self.message.copy()
            message.set_header("authorization", value)
            yield f"authorization: {what}", message, code
        message = self.message.copy()
        message.drop_header("authorization")
        # A body of signed chunks without credentials is told so; all other strangers get the one answer.
        signed_chunks = self.mode in ("chunked signed", "chunked signed trailer")
        if self.row.name != "ListBuckets":
            yield "no credentials", message, "InvalidRequest" if signed_chunks else "AccessDenied"
        message = self.message.copy()
        message.set_header("x-amz-date", "2013" + self.message.header("x-amz-date")[4:])
        yield "date another day's", message, MALFORMED
        message = self.message.copy()
        message.set_header("x-amz-date", "yesterday")
        yield "date that is none", message, "AccessDenied"

    # --- The body

    def bodies(self):
        if self.row.body == "None":
            return
        if not isinstance(self.message.body, Chunked):
            body, code = (
                self.message.body,
                "XAmzContentSHA256Mismatch" if self.mode == "header signed" else "BadDigest",
            )
            for what, other in {
                "first byte": flip(body, 0),
                "last byte": flip(body),
                "shorter": body[:-1],
                "longer": body + b" ",
            }.items():
                yield f"payload {what}", self.altered(body=other), code
            return
        yield from self.chunks()
        if self.message.body.trailer is not None:
            yield from self.trailers()

    def with_body(self, change):
        message = self.message.copy()
        change(message.body)
        return message

    def chunks(self):
        signs = self.message.body.chunks[0][0] is not None
        for n in (0, 1):

            def flip_data(body, n=n):
                body.chunks[n][1] = flip(body.chunks[n][1])

            yield f"byte of chunk {n}", self.with_body(flip_data), MISMATCH if signs else "BadDigest"
        yield "last chunk left out", self.with_body(lambda b: b.chunks.pop()), (
            "IncompleteBody",
            "InvalidRequest",
        )
        if not signs:
            return
        for n in range(3):

            def flip_signature(body, n=n):
                body.chunks[n][0] = flip(body.chunks[n][0])

            def drop_signature(body, n=n):
                body.chunks[n][0] = None

            yield f"signature of chunk {n}", self.with_body(flip_signature), MISMATCH
            yield f"signature of chunk {n} removed", self.with_body(drop_signature), "InvalidRequest"
        yield "chunks swapped", self.with_body(lambda b: b.chunks.insert(0, b.chunks.pop(1))), MISMATCH
        yield "first chunk left out", self.with_body(lambda b: b.chunks.pop(0)), MISMATCH
        yield "first chunk twice", self.with_body(lambda b: b.chunks.insert(0, b.chunks[0])), (
            MISMATCH,
            "IncompleteBody",
        )
        wrong = {**account("admin"), "secret_access_key": "x" * 40}
        data = b"".join(d for _, d in self.message.body.chunks)
        other = Chunked(data, self.mode, wrong, REGION, dict(map(tuple, self.message.headers)))
        yield "chunks signed with another secret", self.altered(body=other), MISMATCH

    def trailers(self):
        signs = self.message.body.trailer_signature is not None

        def flip_value(body):
            body.trailer[1] = ("A" if body.trailer[1][0] != "A" else "B") + body.trailer[1][1:]

        def rename(body):
            body.trailer[0] = "x-amz-checksum-sha1"

        yield "trailer value", self.with_body(flip_value), MISMATCH if signs else "BadDigest"
        yield "trailer name", self.with_body(rename), "MalformedTrailerError"
        yield "trailer removed", self.with_body(
            lambda b: setattr(b, "trailer", None)
        ), "MalformedTrailerError"
        if signs:
            signature = self.message.body.trailer_signature
            yield "trailer signature", self.with_body(
                lambda b: setattr(b, "trailer_signature", flip(signature))
            ), MISMATCH
            yield "trailer signature removed", self.with_body(
                lambda b: setattr(b, "trailer_signature", None)
            ), MISMATCH
