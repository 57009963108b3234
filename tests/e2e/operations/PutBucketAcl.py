# SPDX-License-Identifier: EUPL-1.2
from asking import ask, open_bucket
from harness import account, boto, case, equal, new_bucket, refused

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


def grants(bucket):
    answer = boto("main").get_bucket_acl(Bucket=bucket)
    return sorted((g["Grantee"].get("ID") or g["Grantee"]["URI"], g["Permission"]) for g in answer["Grants"])


@case("canned lists, grants in headers, a document: each replaces the one before")
def _():
    s3, bucket = boto("main"), open_bucket("putacl")
    owner, alt = account("main")["user_id"], account("alt")["user_id"]
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    equal(grants(bucket), sorted([(owner, "FULL_CONTROL"), (ALL_USERS, "READ"), (ALL_USERS, "WRITE")]))
    equal(ask("PUT", f"/{bucket}/anon", body=b"x").status, 200)
    equal(ask("GET", f"/{bucket}").status, 200)
    s3.put_bucket_acl(Bucket=bucket, GrantRead=f'id="{alt}"', GrantFullControl=f'id="{owner}"')
    equal(grants(bucket), sorted([(alt, "READ"), (owner, "FULL_CONTROL")]))
    equal(boto("alt").list_objects_v2(Bucket=bucket)["KeyCount"], 1)
    equal(ask("GET", f"/{bucket}").code, "AccessDenied")
    document = s3.get_bucket_acl(Bucket=bucket)
    document["Grants"].append({"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ_ACP"})
    s3.put_bucket_acl(Bucket=bucket, AccessControlPolicy={k: document[k] for k in ("Owner", "Grants")})
    equal(grants(bucket), sorted([(alt, "READ"), (owner, "FULL_CONTROL"), (ALL_USERS, "READ_ACP")]))
    equal(ask("GET", f"/{bucket}", [("acl", "")]).status, 200)
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    equal(grants(bucket), [(owner, "FULL_CONTROL")])
    refused("AccessDenied", boto("alt").list_objects_v2, Bucket=bucket, status=403)


@case("WRITE_ACP is the right to replace the list, and nothing more")
def _():
    bucket, tenant = open_bucket("putacl-acp"), account("tenant")["user_id"]
    boto("main").put_bucket_acl(Bucket=bucket, GrantWriteACP=f'id="{tenant}"')
    private = {"x-amz-acl": "private"}
    equal(ask("PUT", f"/{bucket}", [("policy", "")], body=b"{}", who="tenant").code, "AccessDenied")
    equal(ask("PUT", f"/{bucket}", [("acl", "")], private, who="tenant").status, 200)
    equal(ask("PUT", f"/{bucket}", [("acl", "")], private, who="tenant").code, "AccessDenied")


@case("under BucketOwnerEnforced: private changes nothing, others are refused")
def _():
    s3, bucket = boto("main"), new_bucket("putacl-enforced", "main")
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    refused("AccessControlListNotSupported", s3.put_bucket_acl, Bucket=bucket, ACL="public-read", status=400)
    refused(
        "AccessControlListNotSupported",
        s3.put_bucket_acl,
        Bucket=bucket,
        GrantRead=f'id="{account("alt")["user_id"]}"',
        status=400,
    )


@case("what is wrong in a list")
def _():
    s3, bucket = boto("main"), open_bucket("putacl-bad")
    owner = account("main")["user_id"]

    def put(query=(("acl", ""),), **more):
        return ask("PUT", f"/{bucket}", query, who="main", **more).code

    equal(put(headers={"x-amz-acl": "everything"}), "InvalidArgument")
    equal(put(headers={"x-amz-acl": "private", "x-amz-grant-read": f"id={owner}"}), "InvalidRequest")
    equal(put(headers={"x-amz-grant-read": 'emailAddress="a@example.org"'}), "UnresolvableGrantByEmailAddress")
    equal(put(headers={"x-amz-grant-read": f'id="{"0" * 32}"'}), "InvalidArgument", "a user that nobody is")
    equal(put(), "MissingSecurityHeader")
    equal(put(body=b"<AccessControlPolicy/>"), "MalformedACLError")
    other = account("alt")["user_id"]
    document = f"<AccessControlPolicy><Owner><ID>{other}</ID></Owner><AccessControlList/></AccessControlPolicy>"
    equal(put(body=document.encode()), "AccessDenied", "another owner")
    equal(put(headers={"x-amz-acl": "private"}, body=document.encode()), "InvalidRequest")
    refused("AccessDenied", boto("alt").put_bucket_acl, Bucket=bucket, ACL="private", status=403)
    refused("NoSuchBucket", s3.put_bucket_acl, Bucket="no-such-bucket-here", ACL="private", status=404)
