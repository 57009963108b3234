# SPDX-License-Identifier: EUPL-1.2
from asking import ask, open_bucket
from harness import account, boto, case, equal, new_bucket, refused

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


@case("a canned list, grants, a document; what they allow, at once")
def _():
    s3, bucket = boto("main"), open_bucket("objacl")
    owner, tenant = account("main")["user_id"], account("tenant")["user_id"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    equal(ask("GET", f"/{bucket}/k").code, "AccessDenied")
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="public-read")
    equal(ask("GET", f"/{bucket}/k").body, b"x")
    equal(ask("GET", f"/{bucket}/k", [("acl", "")]).code, "AccessDenied")
    s3.put_object_acl(Bucket=bucket, Key="k", GrantReadACP=f'id="{tenant}"')
    equal(ask("GET", f"/{bucket}/k").code, "AccessDenied")
    equal(ask("GET", f"/{bucket}/k", [("acl", "")], who="tenant").status, 200)
    equal(ask("GET", f"/{bucket}/k", who="tenant").code, "AccessDenied")
    grants = [
        {"Grantee": {"Type": "CanonicalUser", "ID": owner}, "Permission": "FULL_CONTROL"},
        {"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ"},
    ]
    s3.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy={"Owner": {"ID": owner}, "Grants": grants})
    equal(ask("GET", f"/{bucket}/k").body, b"x")
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="private")
    equal(ask("GET", f"/{bucket}/k").code, "AccessDenied")
    equal(s3.get_object(Bucket=bucket, Key="k")["Body"].read(), b"x")


@case("of one version, and not of the others")
def _():
    s3, bucket = boto("main"), open_bucket("objacl-version")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old")["VersionId"]
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"new")["VersionId"]
    s3.put_object_acl(Bucket=bucket, Key="k", VersionId=old, ACL="public-read")
    equal(ask("GET", f"/{bucket}/k", [("versionId", old)]).body, b"old")
    equal(ask("GET", f"/{bucket}/k").code, "AccessDenied")
    equal(ask("GET", f"/{bucket}/k", [("versionId", new)]).code, "AccessDenied")
    elsewhere = s3.put_object(Bucket=bucket, Key="other", Body=b"x")["VersionId"]
    refused("NoSuchVersion", s3.put_object_acl, Bucket=bucket, Key="k", VersionId=elsewhere, ACL="private", status=404)


@case("its owner is its writer, who may change the list and not the bucket's other objects")
def _():
    bucket, tenant = open_bucket("objacl-owner"), account("tenant")["user_id"]
    boto("main").put_object(Bucket=bucket, Key="other", Body=b"x")
    boto("main").put_bucket_acl(Bucket=bucket, GrantWrite=f'id="{tenant}"')
    equal(ask("PUT", f"/{bucket}/mine", who="tenant", body=b"mine").status, 200)
    equal(ask("GET", f"/{bucket}/mine", who="tenant").body, b"mine")
    public = {"x-amz-acl": "public-read"}
    equal(ask("PUT", f"/{bucket}/mine", [("acl", "")], public, who="tenant").status, 200)
    equal(ask("GET", f"/{bucket}/mine").body, b"mine")
    equal(ask("PUT", f"/{bucket}/other", [("acl", "")], public, who="tenant").code, "AccessDenied")


@case("under BucketOwnerEnforced: private changes nothing, others are refused; what is not there")
def _():
    s3, bucket = boto("main"), new_bucket("objacl-enforced", "main")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="bucket-owner-full-control")
    refused("AccessControlListNotSupported", s3.put_object_acl, Bucket=bucket, Key="k", ACL="public-read", status=400)
    refused("NoSuchKey", s3.put_object_acl, Bucket=bucket, Key="none", ACL="private", status=404)
    refused("AccessDenied", boto("alt").put_object_acl, Bucket=bucket, Key="k", ACL="private", status=403)
    equal(ask("PUT", f"/{bucket}/k", [("acl", "")], who="main").code, "MissingSecurityHeader")
    equal(ask("PUT", f"/{bucket}/k", [("acl", "")], body=b"<x/>", who="main").code, "MalformedACLError")
