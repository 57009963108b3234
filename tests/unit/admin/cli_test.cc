// SPDX-License-Identifier: EUPL-1.2
#include <gtest/gtest.h>

#include <sstream>

#include "admin/cli/http_client.h"
#include "admin/cli/language.h"
#include "admin/cli/table.h"

namespace beffroi::cli {
namespace {

TEST(Size, IsReadWithAndWithoutAUnit) {
  EXPECT_EQ(parse_size("0"), 0u);
  EXPECT_EQ(parse_size("1073741824"), 1073741824u);
  EXPECT_EQ(parse_size("9223372036854775807"), 9223372036854775807u) << "exact, not through a double";
  EXPECT_EQ(parse_size("1GiB"), 1073741824u);
  EXPECT_EQ(parse_size("1Gio"), 1073741824u);
  EXPECT_EQ(parse_size("500MB"), 500'000'000u);
  EXPECT_EQ(parse_size("1.5kB"), 1500u);
  EXPECT_EQ(parse_size("2TiB"), 2199023255552u);
  for (const char* bad : {"", "x", "-1", "1G", "1Gi", "1XiB", "1 GiB", "nan", "inf", "9223372036854775808",
                          "99999PiB", "1.5"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
}

TEST(Escape, KeepsWhatAPathMayHold) {
  EXPECT_EQ(escape("greffe@mairie.fr"), "greffe@mairie.fr");
  EXPECT_EQ(escape("a b/c?d"), "a%20b%2Fc%3Fd");
  EXPECT_EQ(escape("é"), "%C3%A9");
}

TEST(Table, ColumnsAreMeasuredInCharacters) {
  Table table({{"nom"}, {"n", true}});
  table.add({"Compiègne", "5"});
  table.add({"Creil\x1b[2J", "12"});
  std::ostringstream out;
  table.print(out);
  EXPECT_EQ(out.str(), "nom         n\nCompiègne   5\nCreil?[2J  12\n");
}

TEST(French, EveryExplanationSaysWhatToDo) {
  const Explanation siren = explain_in_french("InvalidField", "siren");
  EXPECT_FALSE(siren.message.empty());
  EXPECT_FALSE(siren.remedy.empty());
  EXPECT_TRUE(explain_in_french("InvalidField", "nothing").message.empty());
}

}  // namespace
}  // namespace beffroi::cli
