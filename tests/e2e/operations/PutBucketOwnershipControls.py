# SPDX-License-Identifier: EUPL-1.2
from asking import ask, open_bucket
from harness import account, boto, case, equal, new_bucket, refused


def put(user, bucket, ownership):
    controls = {"Rules": [{"ObjectOwnership": ownership}]}
    return boto(user).put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)


@case("only an administrator lowers it from BucketOwnerEnforced; the owner may raise it")
def _():
    bucket = new_bucket("putown", "main")
    refused("AccessDenied", put, "main", bucket, "ObjectWriter", status=403)
    refused("AccessDenied", put, "alt", bucket, "BucketOwnerEnforced", status=403)
    put("admin", bucket, "BucketOwnerPreferred")
    put("main", bucket, "ObjectWriter")
    put("main", bucket, "BucketOwnerEnforced")
    rules = boto("main").get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    equal(rules, [{"ObjectOwnership": "BucketOwnerEnforced"}])


@case("whose an object is: its writer's, or the bucket owner's")
def _():
    bucket = open_bucket("putown-whose", ownership="ObjectWriter")
    boto("main").put_bucket_acl(Bucket=bucket, GrantWrite=f'id="{account("tenant")["user_id"]}"')
    full = {"x-amz-acl": "bucket-owner-full-control"}

    def owner_after(ownership, headers):
        put("main", bucket, ownership)
        equal(ask("PUT", f"/{bucket}/k", headers=headers, who="tenant", body=b"x").status, 200)
        return boto("main").list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"][0]["Owner"]["ID"]

    writer, owner = account("tenant")["user_id"], account("main")["user_id"]
    equal(owner_after("ObjectWriter", full), writer)
    equal(owner_after("BucketOwnerPreferred", {}), writer)
    equal(owner_after("BucketOwnerPreferred", full), owner)


@case("not while the bucket's list grants to others")
def _():
    bucket = open_bucket("putown-acl")
    boto("main").put_bucket_acl(Bucket=bucket, ACL="public-read")
    refused("InvalidBucketAclWithObjectOwnership", put, "main", bucket, "BucketOwnerEnforced", status=400)
    boto("main").put_bucket_acl(Bucket=bucket, ACL="private")
    put("main", bucket, "BucketOwnerEnforced")


@case("a document that is none")
def _():
    bucket = new_bucket("putown", "main")
    body = b"<OwnershipControls><Rule><ObjectOwnership>Nobody</ObjectOwnership></Rule></OwnershipControls>"
    equal(ask("PUT", f"/{bucket}", [("ownershipControls", "")], body=body, who="admin").code, "MalformedXML")
