# SPDX-License-Identifier: EUPL-1.2
from asking import allow, ask, host_of, open_bucket, policy, write_conditions
from harness import CUSTOMER, account, boto, case, ctl, customer, equal, new_bucket, pattern, read_conditions, refused

s3 = boto()


@case("within a bucket, across buckets, small and large, sources deleted after")
def _():
    here, there = new_bucket("copy"), new_bucket("copy-to")
    for size in (0, 100, 8193, 300000):
        put = s3.put_object(Bucket=here, Key=f"s{size}", Body=pattern(size, 1), Metadata={"n": str(size)})
        copied = s3.copy_object(Bucket=there, Key=f"d{size}", CopySource=f"{here}/s{size}")
        equal(copied["CopyObjectResult"]["ETag"], put["ETag"])
        s3.delete_object(Bucket=here, Key=f"s{size}")
        got = s3.get_object(Bucket=there, Key=f"d{size}")
        equal((got["Body"].read(), got["Metadata"]), (pattern(size, 1), {"n": str(size)}))


@case("replaced metadata; onto itself only with a change")
def _():
    bucket = new_bucket("copy")
    s3.put_object(Bucket=bucket, Key="self", Body=b"x", Metadata={"a": "1"})
    refused(
        "InvalidRequest", s3.copy_object, Bucket=bucket, Key="self", CopySource=f"{bucket}/self", status=400
    )
    s3.copy_object(
        Bucket=bucket,
        Key="self",
        CopySource=f"{bucket}/self",
        MetadataDirective="REPLACE",
        Metadata={"b": "2"},
        ContentType="text/x",
    )
    head = s3.head_object(Bucket=bucket, Key="self")
    equal((head["Metadata"], head["ContentType"]), ({"b": "2"}, "text/x"))


@case("conditions on the source")
def _():
    bucket = new_bucket("copy")
    for size in (1, 300000):
        s3.put_object(Bucket=bucket, Key="cond", Body=pattern(size))
        holds, fails = read_conditions(s3.head_object(Bucket=bucket, Key="cond"), "CopySource")
        copy = {"Bucket": bucket, "Key": "to", "CopySource": f"{bucket}/cond"}
        for condition in fails:
            refused("PreconditionFailed", s3.copy_object, **copy, **condition, status=412)
        refused("404", s3.head_object, Bucket=bucket, Key="to", status=404)
        for condition in holds:
            s3.copy_object(**copy, **condition)
        s3.delete_object(Bucket=bucket, Key="to")


@case("conditions on the destination")
def _():
    bucket = new_bucket("copy")
    for size in (1, 300000):
        s3.put_object(Bucket=bucket, Key="from", Body=pattern(size))
        write_conditions(bucket, f"to{size}", "PUT", headers={"x-amz-copy-source": f"/{bucket}/from"})


@case("refusals: no source, a source of another user, of another collectivity")
def _():
    bucket, other = new_bucket("copy"), new_bucket("copy-alt", "alt")
    s3.put_object(Bucket=bucket, Key="mine", Body=b"x")
    refused("NoSuchKey", s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{bucket}/none", status=404)
    refused(
        "AccessDenied",
        boto("alt").copy_object,
        Bucket=other,
        Key="c",
        CopySource=f"{bucket}/mine",
        status=403,
    )
    foreign = new_bucket("copy-tenant", "tenant")
    refused(
        "NoSuchBucket",
        boto("tenant").copy_object,
        Bucket=foreign,
        Key="c",
        CopySource=f"{bucket}/mine",
        status=404,
    )


@case("across collectivities: the source is judged where it is, the bytes are sealed anew, both logs tell")
def _():
    source, target = new_bucket("copy-across", "main"), new_bucket("copy-across", "tenant")
    for size in (100, 300000):
        boto("main").put_object(Bucket=source, Key=f"s{size}", Body=pattern(size, 7), Metadata={"n": str(size)})

    def copy(key, **more):
        headers = {"x-amz-copy-source": f"beauvais:{source}/{key}", **more}
        return ask("PUT", f"/{target}/{key}", headers=headers, who="tenant", host=host_of("compiegne"))

    for key in ("s100", "none"):
        equal(copy(key).code, "AccessDenied")
    statement = allow(source, "s3:GetObject", "compiegne")
    boto("main").put_bucket_policy(Bucket=source, Policy=policy(statement))
    equal(copy("none").code, "AccessDenied", "a missing key is told to who may list")
    equal(copy("s100", **{"x-amz-source-expected-bucket-owner": "216001586"}).code, "AccessDenied")
    for size in (100, 300000):
        equal(copy(f"s{size}", **{"x-amz-source-expected-bucket-owner": "000216000562"}).status, 200)
        got = boto("tenant").get_object(Bucket=target, Key=f"s{size}")
        equal((got["Body"].read(), got["Metadata"]), (pattern(size, 7), {"n": str(size)}))
    boto("main").put_bucket_policy(Bucket=source, Policy=policy(allow(source, ["s3:GetObject", "s3:ListBucket"], "compiegne")))
    equal(copy("none").code, "NoSuchKey")
    boto("main").delete_object(Bucket=source, Key="s300000")
    equal(boto("tenant").get_object(Bucket=target, Key="s300000")["Body"].read(), pattern(300000, 7))
    told = [r for r in ctl("audit", "show", "beauvais")["records"] if r["operation"] == "CopyObject" and r.get("bucket") == source]
    equal({(r["user_id"], r["outcome"]) for r in told if r["key"] == "s100"}, {(account("tenant")["user_id"], "allowed")})


@case("the list is the copy's own; a source's list lets it be copied")
def _():
    bucket = open_bucket("copy-acl")
    boto("main").put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    boto("main").copy_object(Bucket=bucket, Key="private", CopySource=f"{bucket}/k")
    boto("main").copy_object(Bucket=bucket, Key="public", CopySource=f"{bucket}/k", ACL="public-read")
    equal((ask("GET", f"/{bucket}/private").code, ask("GET", f"/{bucket}/public").body), ("AccessDenied", b"x"))
    mine = new_bucket("copy-acl-mine", "alt")
    boto("alt").copy_object(Bucket=mine, Key="k", CopySource=f"{bucket}/k")
    refused("AccessDenied", boto("alt").copy_object, Bucket=mine, Key="k", CopySource=f"{bucket}/private", status=403)


@case("tags that come along are a right of their own, at the source and here")
def _():
    source, target = new_bucket("copy-tags", "main"), new_bucket("copy-tags", "tenant")
    boto("main").put_object(Bucket=source, Key="k", Body=b"x", Tagging="etat=public")

    def copy(**more):
        headers = {"x-amz-copy-source": f"beauvais:{source}/k", **more}
        return ask("PUT", f"/{target}/k", headers=headers, who="tenant", host=host_of("compiegne"))

    boto("main").put_bucket_policy(Bucket=source, Policy=policy(allow(source, "s3:GetObject", "compiegne")))
    equal(copy().code, "AccessDenied")
    equal(copy(**{"x-amz-tagging-directive": "REPLACE"}).status, 200)
    equal(boto("tenant").get_object_tagging(Bucket=target, Key="k")["TagSet"], [])
    both = policy(allow(source, ["s3:GetObject", "s3:GetObjectTagging"], "compiegne"))
    boto("main").put_bucket_policy(Bucket=source, Policy=both)
    equal(copy().status, 200)
    equal(boto("tenant").get_object_tagging(Bucket=target, Key="k")["TagSet"], [{"Key": "etat", "Value": "public"}])


@case("from, to and between customers' keys, onto itself too; the source's is needed")
def _():
    bucket = new_bucket("copy-customer")
    other, source = customer("l"), {f"CopySource{k}": v for k, v in CUSTOMER.items()}
    for size in (5, 300000):
        body, key = pattern(size, 2), f"c{size}"
        s3.put_object(Bucket=bucket, Key=key, Body=body, **CUSTOMER)
        copy = {"Bucket": bucket, "Key": "to", "CopySource": f"{bucket}/{key}"}
        s3.copy_object(**copy, **source)
        equal(s3.get_object(Bucket=bucket, Key="to")["Body"].read(), body)
        copied = s3.copy_object(**copy, **source, **other)
        equal(copied["SSECustomerAlgorithm"], "AES256")
        equal(s3.get_object(Bucket=bucket, Key="to", **other)["Body"].read(), body)
        refused("InvalidRequest", s3.get_object, Bucket=bucket, Key="to", **CUSTOMER, status=400)
        refused("InvalidRequest", s3.copy_object, **copy, status=400)
        refused("InvalidRequest", s3.copy_object, **copy, **{f"CopySource{k}": v for k, v in other.items()}, status=400)
        s3.copy_object(**{**copy, "Key": key}, **source, **other)
        equal(s3.get_object(Bucket=bucket, Key=key, **other)["Body"].read(), body)
        s3.put_object(Bucket=bucket, Key="plain", Body=body)
        s3.copy_object(**{**copy, "CopySource": f"{bucket}/plain"}, **CUSTOMER)
        equal(s3.get_object(Bucket=bucket, Key="to", **CUSTOMER)["Body"].read(), body)
        refused("InvalidRequest", s3.copy_object, **{**copy, "CopySource": f"{bucket}/plain"}, **source, status=400)
