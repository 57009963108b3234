// SPDX-License-Identifier: EUPL-1.2
// Access control lists: out of headers and documents, back into a document, and what a new object gets.
#include "server/s3/acl.h"

#include <gtest/gtest.h>

#include "server/s3/answers.h"
#include "server/s3/xml_access.h"
#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

using storage::Acl;
using storage::Grant;
using storage::Grantee;
using storage::ObjectOwnership;
using storage::Permission;

const std::string kOwner(32, '1'), kWriter(32, '2');

S3Result<AclWish> wish_of(std::initializer_list<std::pair<std::string, std::string>> headers) {
  TestRequest request("PUT", "/b/k");
  for (const auto& [name, value] : headers) request.header(name, value);
  return read_acl_headers(request.headers());
}

storage::Bucket bucket(ObjectOwnership ownership, bool block = false) {
  storage::Bucket b;
  b.owner = kOwner;
  b.settings.ownership = ownership;
  if (block) b.settings.public_access_block = storage::PublicAccessBlock{.block_public_acls = true};
  return b;
}

TEST(AclHeaders, ReadsCannedListsAndGrants) {
  EXPECT_FALSE(wish_of({})->any());
  EXPECT_EQ(wish_of({{"X-Amz-Acl", "authenticated-read"}})->canned, CannedAcl::AuthenticatedRead);
  const AclWish wish =
      *wish_of({{"x-amz-grant-read",
                 "id=\"" + kWriter + "\", uri=\"http://acs.amazonaws.com/groups/global/AllUsers\""},
                {"x-amz-grant-full-control", "id=" + kOwner}});
  EXPECT_EQ(*wish.grants, (Acl{{Grantee::User, kWriter, Permission::Read},
                               {Grantee::AllUsers, {}, Permission::Read},
                               {Grantee::User, kOwner, Permission::FullControl}}));
  EXPECT_FALSE(wish.is_plain());
  EXPECT_TRUE(wish_of({{"x-amz-acl", "bucket-owner-full-control"}})->is_plain());
}

TEST(AclHeaders, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(code_of(wish_of({{"x-amz-acl", "aws-exec-read"}})), Code::InvalidArgument);
  EXPECT_EQ(code_of(wish_of({{"x-amz-acl", ""}})), Code::InvalidArgument);
  EXPECT_EQ(code_of(wish_of({{"x-amz-acl", "private"}, {"x-amz-grant-read", "id=" + kOwner}})),
            Code::InvalidRequest);
  EXPECT_EQ(code_of(wish_of({{"x-amz-grant-read", "emailAddress=\"a@example.org\""}})),
            Code::UnresolvableGrantByEmailAddress);
  EXPECT_EQ(code_of(wish_of({{"x-amz-grant-read", "id=" + kOwner}, {"X-Amz-Grant-Read", "id=" + kWriter}})), Code::InvalidArgument)
      << "a policy's condition would look at the first line";
  EXPECT_EQ(code_of(wish_of({{"x-amz-grant-everything", "id=" + kOwner}})), Code::InvalidArgument);
  for (const char* value :
       {"id=x", "id=", "uri=\"http://acs.amazonaws.com/groups/s3/LogDelivery\"", "nobody", "=", ","}) {
    EXPECT_EQ(code_of(wish_of({{"x-amz-grant-read", value}})), Code::InvalidArgument) << value;
  }
  std::string many = "id=" + kOwner;
  for (int i = 0; i < 32; ++i) many += ",id=" + kOwner;
  EXPECT_EQ(code_of(wish_of({{"x-amz-grant-read", many}})), Code::InvalidArgument);
}

TEST(Acl, CannedListsAreGrants) {
  EXPECT_FALSE(canned_grants(CannedAcl::Private, kOwner, kOwner));
  EXPECT_FALSE(canned_grants(CannedAcl::BucketOwnerFullControl, kOwner, kOwner));
  const storage::Acl public_write = {{Grantee::AllUsers, {}, Permission::Read},
                                     {Grantee::AllUsers, {}, Permission::Write},
                                     {Grantee::User, kWriter, Permission::FullControl}};
  EXPECT_EQ(canned_grants(CannedAcl::PublicReadWrite, kWriter, kOwner), public_write);
  EXPECT_EQ((*canned_grants(CannedAcl::BucketOwnerRead, kWriter, kOwner))[1],
            (Grant{Grantee::User, kOwner, Permission::Read}));
  EXPECT_TRUE(is_public(canned_grants(CannedAcl::PublicRead, kWriter, kOwner)));
  EXPECT_TRUE(is_public(canned_grants(CannedAcl::AuthenticatedRead, kWriter, kOwner)));
  EXPECT_FALSE(is_public(canned_grants(CannedAcl::BucketOwnerRead, kWriter, kOwner)));
  EXPECT_FALSE(is_public(std::nullopt));
}

TEST(Acl, OwnershipSaysWhoseANewObjectIs) {
  const AclWish none, full = *wish_of({{"x-amz-acl", "bucket-owner-full-control"}}),
                      open = *wish_of({{"x-amz-acl", "public-read"}});
  EXPECT_EQ(object_rights(none, bucket(ObjectOwnership::BucketOwnerEnforced), kWriter)->owner, kOwner);
  EXPECT_EQ(object_rights(full, bucket(ObjectOwnership::BucketOwnerEnforced), kWriter)->owner, kOwner);
  EXPECT_FALSE(object_rights(full, bucket(ObjectOwnership::BucketOwnerEnforced), kWriter)->acl);
  EXPECT_EQ(code_of(object_rights(open, bucket(ObjectOwnership::BucketOwnerEnforced), kWriter)),
            Code::AccessControlListNotSupported);
  EXPECT_EQ(object_rights(full, bucket(ObjectOwnership::BucketOwnerPreferred), kWriter)->owner, kOwner);
  EXPECT_EQ(object_rights(none, bucket(ObjectOwnership::BucketOwnerPreferred), kWriter)->owner, kWriter);
  EXPECT_EQ(object_rights(full, bucket(ObjectOwnership::ObjectWriter), kWriter)->owner, kWriter);
  EXPECT_EQ(object_rights(full, bucket(ObjectOwnership::ObjectWriter), kWriter)->acl->size(), 2u);
  storage::Bucket unset = bucket(ObjectOwnership::ObjectWriter);
  unset.settings.ownership.reset();
  EXPECT_EQ(object_rights(none, unset, kWriter)->owner, kWriter);
}

TEST(Acl, ABlockRefusesPublicListsOnly) {
  const AclWish open = *wish_of({{"x-amz-acl", "public-read"}});
  const AclWish group =
      *wish_of({{"x-amz-grant-read", "uri=http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}});
  const AclWish named = *wish_of({{"x-amz-grant-read", "id=" + kWriter}});
  EXPECT_EQ(code_of(object_rights(open, bucket(ObjectOwnership::ObjectWriter, true), kWriter)),
            Code::AccessDenied);
  EXPECT_EQ(code_of(object_rights(group, bucket(ObjectOwnership::ObjectWriter, true), kWriter)),
            Code::AccessDenied);
  EXPECT_TRUE(object_rights(named, bucket(ObjectOwnership::ObjectWriter, true), kWriter));
  EXPECT_TRUE(object_rights(open, bucket(ObjectOwnership::ObjectWriter, false), kWriter));
}

TEST(Acl, UnderEnforcedOnlyTheOwnersOwnListIsTaken) {
  const storage::Bucket enforced = bucket(ObjectOwnership::BucketOwnerEnforced);
  AclWish own;
  own.grants = Acl{{Grantee::User, kOwner, Permission::FullControl}};
  EXPECT_TRUE(replacing_acl(own, enforced, kOwner));
  own.grants->push_back({Grantee::User, kWriter, Permission::Read});
  EXPECT_EQ(code_of(replacing_acl(own, enforced, kOwner)), Code::AccessControlListNotSupported);
  own.grants->clear();
  EXPECT_EQ(code_of(replacing_acl(own, enforced, kOwner)), Code::AccessControlListNotSupported);
}

constexpr char kOpen[] =
    "<AccessControlPolicy "
    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner><ID>11111111111111111111111111111111</ID></"
    "Owner><AccessControlList>";
constexpr char kClose[] = "</AccessControlList></AccessControlPolicy>";

std::string grant_xml(const std::string& grantee, const std::string& permission = "READ") {
  return "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"x\">" + grantee +
         "</Grantee><Permission>" + permission + "</Permission></Grant>";
}

TEST(AclXml, ReadsWhatItWrites) {
  const std::vector<GrantEntry> entries = {{{Grantee::User, kWriter, Permission::WriteAcp}, "writer"},
                                           {{Grantee::AllUsers, {}, Permission::Read}, ""}};
  const auto policy = parse_acl(acl_xml({kOwner, "owner"}, entries));
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->owner, kOwner);
  EXPECT_EQ(policy->grants,
            (Acl{{Grantee::User, kWriter, Permission::WriteAcp}, {Grantee::AllUsers, {}, Permission::Read}}));
  EXPECT_EQ(parse_acl(acl_xml({kOwner, ""}))->grants,
            (Acl{{Grantee::User, kOwner, Permission::FullControl}}));
  EXPECT_TRUE(parse_acl(std::string(kOpen) + kClose)->grants.empty());
}

TEST(AclXml, RefusesWhatIsNone) {
  const auto code = [](const std::string& grants) { return code_of(parse_acl(kOpen + grants + kClose)); };
  EXPECT_EQ(code_of(parse_acl("")), Code::MalformedACLError);
  EXPECT_EQ(code_of(parse_acl("<AccessControlPolicy/>")), Code::MalformedACLError);
  EXPECT_EQ(code(grant_xml("<ID>" + kWriter + "</ID>", "EVERYTHING")), Code::MalformedACLError);
  EXPECT_EQ(code(grant_xml("")), Code::MalformedACLError);
  EXPECT_EQ(code(grant_xml("<ID>" + kWriter + "</ID><URI>x</URI>")), Code::MalformedACLError);
  EXPECT_EQ(code("<Grant><Permission>READ</Permission></Grant>"), Code::MalformedACLError);
  EXPECT_EQ(code(grant_xml("<ID>somebody</ID>")), Code::InvalidArgument);
  EXPECT_EQ(code(grant_xml("<URI>http://acs.amazonaws.com/groups/s3/LogDelivery</URI>")),
            Code::InvalidArgument);
  EXPECT_EQ(code(grant_xml("<EmailAddress>a@example.org</EmailAddress>")),
            Code::UnresolvableGrantByEmailAddress);
  std::string many;
  for (int i = 0; i < 33; ++i) many += grant_xml("<ID>" + kWriter + "</ID>");
  EXPECT_EQ(code(many), Code::MalformedACLError);
}

TEST(AccessXml, OwnershipAndBlock) {
  for (const auto ownership : {ObjectOwnership::BucketOwnerEnforced, ObjectOwnership::BucketOwnerPreferred,
                               ObjectOwnership::ObjectWriter}) {
    EXPECT_EQ(*parse_ownership(ownership_xml(ownership)), ownership);
  }
  EXPECT_EQ(code_of(parse_ownership("<OwnershipControls/>")), Code::MalformedXML);
  EXPECT_EQ(
      code_of(parse_ownership(
          "<OwnershipControls><Rule><ObjectOwnership>Nobody</ObjectOwnership></Rule></OwnershipControls>")),
      Code::MalformedXML);
  const std::string rule = "<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>";
  EXPECT_EQ(code_of(parse_ownership("<OwnershipControls>" + rule + rule + "</OwnershipControls>")),
            Code::MalformedXML);
  const storage::PublicAccessBlock block{true, false, true, false};
  EXPECT_EQ(*parse_public_access_block(public_access_block_xml(block)), block);
  EXPECT_EQ(*parse_public_access_block("<PublicAccessBlockConfiguration/>"), storage::PublicAccessBlock());
  EXPECT_TRUE(parse_public_access_block("<PublicAccessBlockConfiguration><BlockPublicAcls>True</"
                                        "BlockPublicAcls></PublicAccessBlockConfiguration>")
                  ->block_public_acls);
  EXPECT_EQ(code_of(parse_public_access_block("<PublicAccessBlockConfiguration><BlockPublicAcls>1</"
                                              "BlockPublicAcls></PublicAccessBlockConfiguration>")),
            Code::MalformedXML);
}

}  // namespace
}  // namespace beffroi::s3
