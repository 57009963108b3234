# SPDX-License-Identifier: EUPL-1.2
from asking import ask
from harness import account, boto, case, equal, new_bucket, refused

s3 = boto()


@case("a new one, then the answers to whoever has it already")
def _():
    bucket = new_bucket("create")
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket=bucket, status=409)
    refused("BucketAlreadyExists", boto("main").create_bucket, Bucket=bucket, status=409)


@case("every collectivity can have its own bucket of the same name")
def _():
    bucket = new_bucket("shared-name")
    boto("tenant").create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"ours")
    equal(boto("tenant").list_objects_v2(Bucket=bucket)["KeyCount"], 0)


@case("the location is kept as given")
def _():
    s3.create_bucket(Bucket="create-located", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    equal(s3.get_bucket_location(Bucket="create-located")["LocationConstraint"], "eu-west-1")


@case("names that S3 does not allow")
def _():
    from botocore import handlers

    # botocore refuses some itself; the server must not depend on that.
    unchecked = boto()
    unchecked.meta.events.unregister("before-parameter-build.s3", handlers.validate_bucket_name)
    for name in ("ab", "Upper", "under_score", "a..b", "-a", "192.168.1.1", "x" * 64):
        refused("InvalidBucketName", unchecked.create_bucket, Bucket=name, status=400)


@case("object ownership and a list, as asked; only an administrator leaves BucketOwnerEnforced")
def _():
    s3.create_bucket(Bucket="create-writer", ObjectOwnership="ObjectWriter", GrantRead=f'id="{account("alt")["user_id"]}"')
    rules = s3.get_bucket_ownership_controls(Bucket="create-writer")["OwnershipControls"]["Rules"]
    equal(rules, [{"ObjectOwnership": "ObjectWriter"}])
    equal(boto("alt").list_objects_v2(Bucket="create-writer")["KeyCount"], 0)
    refused("AccessDenied", boto("main").create_bucket, Bucket="create-lower", ObjectOwnership="ObjectWriter", status=403)
    boto("main").create_bucket(Bucket="create-same", ObjectOwnership="BucketOwnerEnforced", ACL="private")
    asked = {"x-amz-object-ownership": "Nobody"}
    equal(ask("PUT", "/create-nobody", headers=asked, who="admin").code, "InvalidArgument")


@case("a list that BucketOwnerEnforced or BlockPublicAcls forbids makes no bucket")
def _():
    refused("InvalidBucketAclWithObjectOwnership", s3.create_bucket, Bucket="create-public", ACL="public-read", status=400)
    refused("AccessDenied", s3.create_bucket, Bucket="create-public", ACL="public-read", ObjectOwnership="ObjectWriter", status=403)
    refused("NoSuchBucket", s3.get_bucket_acl, Bucket="create-public", status=404)


@case("nobody makes a bucket in another collectivity, and nobody without a name makes any")
def _():
    for who in ("tenant", None):
        equal(ask("PUT", "/create-foreign", who=who).code, "AccessDenied")
    refused("NoSuchBucket", s3.get_bucket_acl, Bucket="create-foreign", status=404)
