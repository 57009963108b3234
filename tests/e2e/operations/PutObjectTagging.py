# SPDX-License-Identifier: EUPL-1.2
from asking import allow, ask, policy
from harness import boto, case, equal, new_bucket, refused

s3 = boto()
TAGS = [{"Key": "service", "Value": "état civil"}, {"Key": "vide", "Value": ""}]


@case("put, read back, counted on HEAD; of one version")
def _():
    bucket = new_bucket("tagging")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    equal(s3.put_object_tagging(Bucket=bucket, Key="k", VersionId=first, Tagging={"TagSet": TAGS})["VersionId"], first)
    equal(s3.get_object_tagging(Bucket=bucket, Key="k", VersionId=first)["TagSet"], TAGS)
    equal(s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"], [])
    equal(s3.head_object(Bucket=bucket, Key="k", VersionId=first)["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"], "2")


@case("with the object, through multipart, kept or replaced by a copy")
def _():
    bucket = new_bucket("tagging-2")
    s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging="a=1&b=%C3%A9t%C3%A9")
    given = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "été"}]
    equal(s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"], given)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="mp", Tagging="c=2")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="mp", UploadId=upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="mp", UploadId=upload, MultipartUpload=parts)
    equal(s3.get_object_tagging(Bucket=bucket, Key="mp")["TagSet"], [{"Key": "c", "Value": "2"}])
    for size in (10, 20_000):
        s3.put_object(Bucket=bucket, Key="src", Body=b"x" * size, Tagging="a=1")
        source = {"Bucket": bucket, "Key": "src"}
        s3.copy_object(Bucket=bucket, Key="kept", CopySource=source)
        equal(s3.get_object_tagging(Bucket=bucket, Key="kept")["TagSet"], [{"Key": "a", "Value": "1"}])
        s3.copy_object(Bucket=bucket, Key="new", CopySource=source, TaggingDirective="REPLACE", Tagging="z=9")
        equal(s3.get_object_tagging(Bucket=bucket, Key="new")["TagSet"], [{"Key": "z", "Value": "9"}])
        s3.copy_object(Bucket=bucket, Key="src", CopySource=source, TaggingDirective="REPLACE")
        equal(s3.get_object_tagging(Bucket=bucket, Key="src")["TagSet"], [])


@case("refusals")
def _():
    bucket = new_bucket("tagging-2")
    s3.put_object(Bucket=bucket, Key="r", Body=b"")

    def put(tags, key="r", **more):
        s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": tags}, **more)

    refused("InvalidTag", put, [{"Key": "k" * 129, "Value": ""}], status=400)
    refused("InvalidTag", put, [{"Key": "k", "Value": "v" * 257}], status=400)
    refused("InvalidTag", put, [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}], status=400)
    refused("InvalidTag", put, [{"Key": str(n), "Value": ""} for n in range(11)], status=400)
    refused("NoSuchKey", put, TAGS, "none", status=404)
    refused("NoSuchVersion", put, TAGS, VersionId="A" * 26, status=404)
    refused("InvalidTag", s3.put_object, Bucket=bucket, Key="r", Body=b"", Tagging="aws:x=1", status=400)
    refused(
        "AccessDenied", boto("alt").put_object_tagging, Bucket=bucket, Key="r", Tagging={"TagSet": TAGS}, status=403
    )


@case("a policy on the tags that are put, and on those that are there: both judged on what they are")
def _():
    owner, bucket = boto("main"), new_bucket("tagging-policy", "main")
    owner.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="etat=projet")
    tagging = ["s3:PutObjectTagging"]
    owner.put_bucket_policy(
        Bucket=bucket,
        Policy=policy(
            allow(bucket, tagging, "compiegne", StringEquals={"s3:RequestObjectTag/service": "urbanisme"}),
            allow(bucket, tagging, effect="Deny", StringEquals={"s3:ExistingObjectTag/etat": "clos"}),
        ),
    )

    def put(name, value, headers=None):
        body = f"<Tagging><TagSet><Tag><Key>{name}</Key><Value>{value}</Value></Tag></TagSet></Tagging>".encode()
        return ask("PUT", f"/{bucket}/k", [("tagging", "")], headers, body, "tenant")

    equal(put("service", "finances").code, "AccessDenied")
    # What a header says of tags is not what the body puts.
    equal(put("service", "finances", {"x-amz-tagging": "service=urbanisme"}).code, "AccessDenied")
    equal(put("service", "urbanisme").status, 200)
    owner.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "etat", "Value": "clos"}]})
    equal(put("service", "urbanisme").code, "AccessDenied")
    refused("AccessDenied", owner.put_object_tagging, Bucket=bucket, Key="k", Tagging={"TagSet": []}, status=403)
