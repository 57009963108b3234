# SPDX-License-Identifier: EUPL-1.2
"""One Python client in its own words: python_client.py boto3|minio|s3fs|pyarrow|duckdb|rasterio, run by the Python that has it; a
line an operation, `-` for one that the client does not offer.

Debian's boto3 is older than AWS_ENDPOINT_URL, so each is given the endpoint; the CA comes from AWS_CA_BUNDLE or SSL_CERT_FILE.
"""
import hashlib
import os
import subprocess
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


def pyarrow_client():
    import pyarrow
    from pyarrow import fs

    s3 = fs.S3FileSystem(
        access_key=KEY,
        secret_key=SECRET,
        region=REGION,
        endpoint_override=urlsplit(ENDPOINT).netloc,
        tls_ca_file_path=os.environ["AWS_CA_BUNDLE"],
        allow_bucket_creation=True,
    )

    def write(name, data):
        with s3.open_output_stream(f"{BUCKET}/{name}") as stream:
            stream.write(data)

    def read(name):
        with s3.open_input_stream(f"{BUCKET}/{name}") as stream:
            return stream.read()

    def at(name, first, length):
        with s3.open_input_file(f"{BUCKET}/{name}") as file:
            return file.read_at(length, first)

    def files():
        found = s3.get_file_info(fs.FileSelector(BUCKET, recursive=True))
        return [f.path for f in found if f.type == fs.FileType.File]

    def delete():
        s3.delete_dir_contents(BUCKET)
        same(files(), [])

    return pyarrow.__version__, {
        "put": lambda: (s3.create_dir(BUCKET), write(NAME, SMALL)),
        "get": lambda: same(read(NAME), SMALL),
        "list": lambda: same(files(), [f"{BUCKET}/{NAME}"]),
        "multipart": lambda: (write("large", LARGE), same(read("large"), LARGE)),
        "range": lambda: same(at(NAME, 5, 5), SMALL[5:10]),
        "copy": lambda: (s3.copy_file(f"{BUCKET}/{NAME}", f"{BUCKET}/copy"), same(read("copy"), SMALL)),
        "delete": delete,
    }


def make_bucket():
    """For the clients that work in buckets and make none."""
    words = ["/usr/bin/aws", "--endpoint-url", ENDPOINT, "s3", "mb", f"s3://{BUCKET}"]
    subprocess.run(words, check=True, capture_output=True)


def duckdb_client():
    import glob
    import pathlib

    import duckdb
    import duckdb_extension_httpfs

    folder = pathlib.Path(duckdb_extension_httpfs.__file__).parent
    extension = glob.glob(f"{folder}/**/*.duckdb_extension", recursive=True)[0]
    database = duckdb.connect()
    database.execute(f"LOAD '{extension}'")
    settings = {
        "s3_endpoint": urlsplit(ENDPOINT).netloc,
        "s3_url_style": "path",
        "s3_region": REGION,
        "s3_access_key_id": KEY,
        "s3_secret_access_key": SECRET,
        "ca_cert_file": os.environ["AWS_CA_BUNDLE"],
    }
    for name, value in settings.items():
        database.execute(f"SET {name} = '{value}'")
    rows = "SELECT i, hash(i) AS h FROM range({}) t(i)"

    def ask(query):
        return database.execute(query).fetchall()

    def put(name, count, options=""):
        ask(f"COPY ({rows.format(count)}) TO 's3://{BUCKET}/{name}' (FORMAT parquet{options})")

    def multipart():
        put("large.parquet", 2_000_000, ", COMPRESSION uncompressed")
        same(ask(f"SELECT count(*), sum(i) FROM 's3://{BUCKET}/large.parquet'"), [(2_000_000, 1_999_999_000_000)])

    return duckdb.__version__, {
        "put": lambda: (make_bucket(), put("a/small.parquet", 1000)),
        "get": lambda: same(ask(f"SELECT sum(i) FROM 's3://{BUCKET}/a/small.parquet'"), [(499_500,)]),
        "list": lambda: same(len(ask(f"SELECT * FROM glob('s3://{BUCKET}/a/*.parquet')")), 1),
        "multipart": multipart,
        # One column of a few row groups: the footer, then pieces of the file.
        "range": lambda: same(ask(f"SELECT min(i) FROM 's3://{BUCKET}/large.parquet' WHERE i > 1999990"), [(1999991,)]),
        "copy": None,
        "delete": None,
    }


def rasterio_client():
    """GDAL's /vsis3/, as rasterio brings it."""
    import numpy
    import rasterio
    import rasterio.shutil
    from rasterio.windows import Window

    where = urlsplit(ENDPOINT).netloc
    os.environ.update(
        AWS_S3_ENDPOINT=where,
        AWS_HTTPS="YES",
        AWS_VIRTUAL_HOSTING="FALSE",
        CPL_VSIL_USE_TEMP_FILE_FOR_RANDOM_WRITE="YES",
        VSIS3_CHUNK_SIZE="5",
    )
    # rasterio brings authorities of its own; only its own settings stand above them.
    rasterio.Env(GDAL_CURL_CA_BUNDLE=os.environ["AWS_CA_BUNDLE"]).__enter__()
    small, large = (numpy.random.default_rng(1).integers(0, 255, (1, n, n), dtype="uint8") for n in (100, 3600))

    def write(name, data):
        profile = {"driver": "GTiff", "width": data.shape[2], "height": data.shape[1], "count": 1, "dtype": "uint8"}
        with rasterio.open(f"/vsis3/{BUCKET}/{name}", "w", **profile) as file:
            file.write(data)

    def read(name, window=None):
        with rasterio.open(f"/vsis3/{BUCKET}/{name}") as file:
            return file.read(window=window).tobytes()

    window = Window(1000, 2000, 50, 20)
    return rasterio.__gdal_version__, {
        "put": lambda: (make_bucket(), write("a/small.tif", small)),
        "get": lambda: same(read("a/small.tif"), small.tobytes()),
        "list": None,
        "multipart": lambda: (write("large.tif", large), same(read("large.tif"), large.tobytes())),
        "range": lambda: same(read("large.tif", window), large[:, 2000:2020, 1000:1050].tobytes()),
        "copy": lambda: rasterio.shutil.copyfiles(f"/vsis3/{BUCKET}/a/small.tif", f"/vsis3/{BUCKET}/copy.tif"),
        "delete": lambda: rasterio.shutil.delete(f"/vsis3/{BUCKET}/large.tif"),
    }


CLIENTS = {
    "boto3": boto3_client,
    "minio": minio_client,
    "s3fs": s3fs_client,
    "pyarrow": pyarrow_client,
    "duckdb": duckdb_client,
    "rasterio": rasterio_client,
}


def same(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {repr(got)[:60]}")


def main():
    version, operations = CLIENTS[sys.argv[1]]()
    print(f"version {version}", flush=True)
    for name, run in operations.items():
        if run is None:
            print(f"{name} -", flush=True)
            continue
        try:
            run()
            print(f"{name} ok", flush=True)
        except Exception as error:
            print(f"{name} FAILED {type(error).__name__}: {str(error)[:300]}".replace("\n", " "), flush=True)


if __name__ == "__main__":
    main()
