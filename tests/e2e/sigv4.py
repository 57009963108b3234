# SPDX-License-Identifier: EUPL-1.2
"""AWS Signature Version 4 and a raw TLS connection, for requests that no client would send.

Written from the published description, apart from the server's own code and from botocore's. Also signs presigned URLs in bulk for
the benches: about 40 000 a second.
"""
import datetime
import hashlib
import hmac
import re
import socket
import ssl
from urllib.parse import quote, urlsplit

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"


def encode_path(key):
    return quote(key, safe="/-._~")


def encode_value(value):
    return quote(value, safe="-._~")


def signing_key(secret, date, region):
    key = ("AWS4" + secret).encode()
    for part in (date, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def canonical_query(query):
    return "&".join(f"{k}={v}" for k, v in sorted((encode_value(k), encode_value(v)) for k, v in query))


def now_utc():
    return datetime.datetime.now(datetime.timezone.utc)


class Signer:
    """Signs for one account, host and region."""

    def __init__(self, account, endpoint, region):
        self.account, self.region = account, region
        self.host = urlsplit(endpoint).netloc

    def scope(self, date):
        return f"{date}/{self.region}/s3/aws4_request"

    def sign(self, method, path, query=(), headers=None, payload=b"", when=None, payload_hash=None):
        """Headers of a signed request; `path` is already percent-encoded. All the headers given are signed."""
        stamp = (when or now_utc()).strftime("%Y%m%dT%H%M%SZ")
        digest = payload_hash or hashlib.sha256(payload).hexdigest()
        signed = {"host": self.host, "x-amz-date": stamp, "x-amz-content-sha256": digest}
        signed.update({k.lower(): v for k, v in (headers or {}).items()})
        names = ";".join(sorted(signed))
        canonical = "\n".join(
            [
                method,
                path,
                canonical_query(query),
                *(f"{n}:{re.sub(' +', ' ', signed[n].strip())}" for n in sorted(signed)),
                "",
                names,
                digest,
            ]
        )
        date = stamp[:8]
        text = "\n".join(
            ["AWS4-HMAC-SHA256", stamp, self.scope(date), hashlib.sha256(canonical.encode()).hexdigest()]
        )
        key = signing_key(self.account["secret_access_key"], date, self.region)
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        signed["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.account['access_key_id']}/{self.scope(date)}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return signed

    def presign(self, method, path, query=(), expires=3600, when=None, headers=None):
        """A presigned target (path and query); it signs `host` and the headers given."""
        stamp = (when or now_utc()).strftime("%Y%m%dT%H%M%SZ")
        key = signing_key(self.account["secret_access_key"], stamp[:8], self.region)
        return self.presign_with(key, stamp, method, path, query, expires, headers)

    def presign_with(self, key, stamp, method, path, query=(), expires=3600, headers=None):
        scope = self.scope(stamp[:8])
        signed = {"host": self.host, **{k.lower(): v for k, v in (headers or {}).items()}}
        names = ";".join(sorted(signed))
        whole = [
            *query,
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", f"{self.account['access_key_id']}/{scope}"),
            ("X-Amz-Date", stamp),
            ("X-Amz-Expires", str(expires)),
            ("X-Amz-SignedHeaders", names),
        ]
        canonical_q = canonical_query(whole)
        lines = "".join(f"{n}:{signed[n].strip()}\n" for n in sorted(signed))
        canonical = f"{method}\n{path}\n{canonical_q}\n{lines}\n{names}\n{UNSIGNED}"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return f"{path}?{canonical_q}&X-Amz-Signature={signature}"


class ChunkSigner:
    """The signatures inside an aws-chunked body: each is made over the one before, the first over the request's own."""

    def __init__(self, account, region, headers):
        stamp = headers["x-amz-date"]
        self.key = signing_key(account["secret_access_key"], stamp[:8], region)
        self.about = f"{stamp}\n{stamp[:8]}/{region}/s3/aws4_request"
        self.previous = headers["authorization"].rpartition("Signature=")[2]

    def sign(self, kind, content):
        text = f"AWS4-HMAC-SHA256-{kind}\n{self.about}\n{self.previous}\n{content}"
        self.previous = hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
        return self.previous

    def chunk(self, data):
        return self.sign("PAYLOAD", f"{EMPTY_SHA256}\n{hashlib.sha256(data).hexdigest()}")

    def trailer(self, name, value):
        return self.sign("TRAILER", hashlib.sha256(f"{name}:{value}\n".encode()).hexdigest())


def chunked(data, sizes):
    """aws-chunked framing without signatures and trailer."""
    out, at = [], 0
    for size in sizes:
        out.append(b"%x\r\n" % size + data[at : at + size] + b"\r\n")
        at += size
    return b"".join(out) + b"0\r\n"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def code(self):
        """The S3 error code, or None."""
        match = re.search(rb"<Code>([^<]+)</Code>", self.body)
        return match.group(1).decode() if match else None


class Raw:
    """One TLS connection on which any bytes can be sent. The name given is checked against the certificate, unless verify is off."""

    def __init__(self, endpoint, ca, server_name=None, verify=True, timeout=20):
        host, port = urlsplit(endpoint).hostname, urlsplit(endpoint).port
        context = ssl.create_default_context(cafile=ca)
        if not verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.socket = context.wrap_socket(
            socket.create_connection((host, port), timeout), server_hostname=server_name or host
        )
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def request(self, method, target, headers, body=b""):
        """A whole request with Content-Length when there is a body, and its answer. Body None: nothing is said of one."""
        lines = [f"{method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        if (body or (body is not None and method in ("PUT", "POST"))) and not {"content-length", "transfer-encoding"} & {
            k.lower() for k in headers
        }:
            lines.append(f"content-length: {len(body)}")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        return self.answer(method)

    def fill(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            data = b""
        self.buffer += data
        return bool(data)

    def answer(self, method="GET"):
        """The next answer; interim 1xx ones are passed over. None when the connection was closed before it."""
        while True:
            while b"\r\n\r\n" not in self.buffer:
                if not self.fill():
                    return None
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            status = int(first.split()[1])
            headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
            if status >= 200:
                break
        return Answer(status, headers, self.body(method, status, headers))

    def body(self, method, status, headers):
        if method == "HEAD" or status in (204, 304):
            return b""
        if headers.get("transfer-encoding") == "chunked":
            return self.chunked_body()
        length = int(headers["content-length"]) if "content-length" in headers else None
        while length is None or len(self.buffer) < length:
            if not self.fill():
                break
        body = self.buffer if length is None else self.buffer[:length]
        self.buffer = self.buffer[len(body) :]
        return body

    def chunked_body(self):
        body = b""
        while True:
            while b"\r\n" not in self.buffer:
                if not self.fill():
                    return body
            line, _, self.buffer = self.buffer.partition(b"\r\n")
            size = int(line.split(b";")[0], 16)
            while len(self.buffer) < size + 2:
                if not self.fill():
                    return body
            body += self.buffer[:size]
            self.buffer = self.buffer[size + 2 :]
            if size == 0:
                return body

    def is_closed(self, seconds=5):
        """True when the server closes the connection within this time."""
        self.socket.settimeout(seconds)
        try:
            while self.fill():
                pass
            return True
        except (TimeoutError, socket.timeout):
            return False
