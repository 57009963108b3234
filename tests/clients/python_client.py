# SPDX-License-Identifier: EUPL-1.2
"""One Python client in its own words: python_client.py boto3|minio|s3fs, run by the Python that has it; a line an operation.

Debian's boto3 is older than AWS_ENDPOINT_URL, so each is given the endpoint; the CA comes from AWS_CA_BUNDLE or SSL_CERT_FILE.
"""
import hashlib
import os
import sys
import tempfile
from urllib.parse import urlsplit

ENDPOINT, REGION = os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_REGION"]
KEY, SECRET = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
BUCKET = sys.argv[2]
SMALL, LARGE = b"deliberation " * 1000, hashlib.sha256(b"seed").digest() * (12 << 15)  # 13 kB, 12 MiB
NAME = "dossier/Délibération n°1.txt"


def boto3_client():
    import boto3
    from boto3.s3.transfer import TransferConfig

    s3 = boto3.client("s3", endpoint_url=ENDPOINT)
    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)

    def multipart():
        with tempfile.NamedTemporaryFile() as file:
            file.write(LARGE)
            file.flush()
            s3.upload_file(file.name, BUCKET, "large", Config=parts)
        assert s3.head_object(Bucket=BUCKET, Key="large")["ETag"].endswith('-3"')
        assert s3.get_object(Bucket=BUCKET, Key="large")["Body"].read() == LARGE

    def copy():
        s3.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": NAME})
        assert s3.get_object(Bucket=BUCKET, Key="copy")["Body"].read() == SMALL

    def delete():
        names = [o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": n} for n in names]})
        assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0

    return boto3.__version__, {
        "put": lambda: (s3.create_bucket(Bucket=BUCKET), s3.put_object(Bucket=BUCKET, Key=NAME, Body=SMALL)),
        "get": lambda: same(s3.get_object(Bucket=BUCKET, Key=NAME)["Body"].read(), SMALL),
        "list": lambda: same(s3.list_objects_v2(Bucket=BUCKET)["Contents"][0]["Key"], NAME),
        "multipart": multipart,
        "range": lambda: same(
            s3.get_object(Bucket=BUCKET, Key=NAME, Range="bytes=5-9")["Body"].read(), SMALL[5:10]
        ),
        "copy": copy,
        "delete": delete,
    }


def minio_client():
    import io

    import minio
    from minio.commonconfig import CopySource

    s3 = minio.Minio(endpoint=urlsplit(ENDPOINT).netloc, access_key=KEY, secret_key=SECRET, region=REGION)

    def read(name, **range_of):
        answer = s3.get_object(bucket_name=BUCKET, object_name=name, **range_of)
        try:
            return answer.read()
        finally:
            answer.close()
            answer.release_conn()

    def put(name, data, **more):
        s3.put_object(bucket_name=BUCKET, object_name=name, data=io.BytesIO(data), length=len(data), **more)

    def listed():
        return [o.object_name for o in s3.list_objects(bucket_name=BUCKET, recursive=True)]

    def copy():
        s3.copy_object(
            bucket_name=BUCKET, object_name="copy", source=CopySource(bucket_name=BUCKET, object_name=NAME)
        )
        same(read("copy"), SMALL)

    def delete():
        for name in listed():
            s3.remove_object(bucket_name=BUCKET, object_name=name)
        same(listed(), [])

    return minio.__version__, {
        "put": lambda: (s3.make_bucket(bucket_name=BUCKET), put(NAME, SMALL)),
        "get": lambda: same(read(NAME), SMALL),
        "list": lambda: same(listed(), [NAME]),
        "multipart": lambda: (put("large", LARGE, part_size=5 << 20), same(read("large"), LARGE)),
        "range": lambda: same(read(NAME, offset=5, length=5), SMALL[5:10]),
        "copy": copy,
        "delete": delete,
    }


def s3fs_client():
    import s3fs

    s3 = s3fs.S3FileSystem(
        key=KEY,
        secret=SECRET,
        endpoint_url=ENDPOINT,
        client_kwargs={"region_name": REGION, "verify": os.environ["AWS_CA_BUNDLE"]},
        default_block_size=5 << 20,
    )

    def multipart():
        with s3.open(f"{BUCKET}/large", "wb") as file:
            file.write(LARGE)
        same(s3.cat(f"{BUCKET}/large"), LARGE)

    def copy():
        s3.copy(f"{BUCKET}/{NAME}", f"{BUCKET}/copy")
        same(s3.cat(f"{BUCKET}/copy"), SMALL)

    def delete():
        s3.rm(f"{BUCKET}/", recursive=True)

    return s3fs.__version__, {
        "put": lambda: (s3.mkdir(BUCKET), s3.pipe(f"{BUCKET}/{NAME}", SMALL)),
        "get": lambda: same(s3.cat(f"{BUCKET}/{NAME}"), SMALL),
        "list": lambda: same(s3.find(BUCKET), [f"{BUCKET}/{NAME}"]),
        "multipart": multipart,
        "range": lambda: same(s3.cat_file(f"{BUCKET}/{NAME}", start=5, end=10), SMALL[5:10]),
        "copy": copy,
        "delete": delete,
    }


def same(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {got[:60]!r}")


def main():
    version, operations = {"boto3": boto3_client, "minio": minio_client, "s3fs": s3fs_client}[sys.argv[1]]()
    print(f"version {version}", flush=True)
    for name, run in operations.items():
        try:
            run()
            print(f"{name} ok", flush=True)
        except Exception as error:
            print(f"{name} FAILED {type(error).__name__}: {str(error)[:300]}".replace("\n", " "), flush=True)


if __name__ == "__main__":
    main()
