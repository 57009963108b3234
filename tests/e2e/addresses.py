#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Every collectivity has its own host name: <slug>.s3.localhost and <bucket>.<slug>.s3.localhost, by clients that set the address."""
from urllib.parse import urlsplit

from harness import CA, ENDPOINT, REGION, account, boto, case, equal, main, new_bucket, shell
from sigv4 import Raw, Signer

PORT = urlsplit(ENDPOINT).port
DOMAIN = "s3.localhost"


def ask(host, method, target, user="main", body=b"", verify=True):
    """A signed request to 127.0.0.1 under another host name."""
    signer = Signer(account(user), f"https://{host}:{PORT}", REGION)
    with Raw(ENDPOINT, CA, server_name=host, verify=verify) as connection:
        return connection.request(method, target, signer.sign(method, target, payload=body), body)


@case("<slug>.D is that collectivity, path style, under the one certificate of *.D")
def _():
    bucket = new_bucket("hosts", "main")
    equal(ask(f"beauvais.{DOMAIN}", "PUT", f"/{bucket}/k", body=b"by host").status, 200)
    equal(boto("main").get_object(Bucket=bucket, Key="k")["Body"].read(), b"by host")
    equal(ask(f"beauvais.{DOMAIN}.", "GET", f"/{bucket}/k", verify=False).body, b"by host", "a trailing dot")
    equal(ask(f"BEAUVAIS.{DOMAIN.upper()}", "GET", f"/{bucket}/k").body, b"by host", "upper case")


@case("<bucket>.<slug>.D is virtual-host style")
def _():
    bucket = new_bucket("hosts", "main")
    boto("main").put_object(Bucket=bucket, Key="a/b", Body=b"virtual")
    # A wildcard covers one label: the certificate of the demonstration has no name for a bucket's own host.
    equal(ask(f"{bucket}.beauvais.{DOMAIN}", "GET", "/a/b", verify=False).body, b"virtual")
    equal(ask(f"{bucket}.beauvais.{DOMAIN}", "GET", "/", verify=False).status, 200)


@case("the bare domain and the address are the signer's own collectivity")
def _():
    bucket = new_bucket("hosts", "main")
    boto("main").put_object(Bucket=bucket, Key="bare", Body=b"bare")
    equal(ask(DOMAIN, "GET", f"/{bucket}/bare").body, b"bare")
    equal(ask(DOMAIN, "GET", f"/{bucket}/bare", user="tenant").code, "NoSuchBucket")


@case(
    "under another collectivity's name, a stranger learns nothing: the same answer, whether it is there or not"
)
def _():
    bucket = new_bucket("hosts", "main")
    boto("main").put_object(Bucket=bucket, Key="there", Body=b"x")
    answers = [
        ask(host, "GET", path, user="tenant")
        for host, path in [
            (f"beauvais.{DOMAIN}", f"/{bucket}/there"),
            (f"beauvais.{DOMAIN}", f"/{bucket}/none"),
            (f"beauvais.{DOMAIN}", "/no-such-bucket-here/k"),
            (f"no-such-town.{DOMAIN}", "/any/k"),
        ]
    ]
    equal({(a.status, a.code) for a in answers}, {(403, "AccessDenied")})
    without_id = {a.body.replace(a.headers["x-amz-request-id"].encode(), b"ID") for a in answers}
    resources = {
        b.split(b"<Resource>")[0] + b.split(b"</Resource>")[-1] if b"<Resource>" in b else b
        for b in without_id
    }
    equal(len(resources), 1, "answers that tell one case from another")


@case("a signature for one host does not serve at another")
def _():
    bucket = new_bucket("hosts", "main")
    signed = Signer(account("main"), f"https://beauvais.{DOMAIN}:{PORT}", REGION).sign("GET", f"/{bucket}/k")
    signed["host"] = f"compiegne.{DOMAIN}:{PORT}"
    with Raw(ENDPOINT, CA, server_name=f"compiegne.{DOMAIN}") as connection:
        equal(connection.request("GET", f"/{bucket}/k", signed).code, "SignatureDoesNotMatch")


@case("curl --resolve, with a presigned URL under the collectivity's name")
def _():
    bucket = new_bucket("hosts", "main")
    boto("main").put_object(Bucket=bucket, Key="curl", Body=b"by curl")
    host = f"beauvais.{DOMAIN}"
    target = Signer(account("main"), f"https://{host}:{PORT}", REGION).presign("GET", f"/{bucket}/curl")
    printed = shell(
        [
            "curl",
            "-sS",
            "--fail",
            "--cacert",
            CA,
            "--resolve",
            f"{host}:{PORT}:127.0.0.1",
            f"https://{host}:{PORT}{target}",
        ]
    )
    equal(printed, "by curl")


if __name__ == "__main__":
    main()
