// SPDX-License-Identifier: EUPL-1.2
// The appliance's answers as people read them. A field that is absent is shown as empty, never guessed.
#pragma once

#include <boost/json/object.hpp>
#include <iosfwd>

namespace beffroi::cli {

void show_check_progress(std::ostream&, const boost::json::object&);  // one line, over the one before
void show_check(std::ostream&, const boost::json::object&);
void show_recovered(std::ostream&, const boost::json::object&);
void show_status(std::ostream&, const boost::json::object&);
void show_collectivity(std::ostream&, const boost::json::object&);
void show_collectivities(std::ostream&, const boost::json::object&);
void show_usage(std::ostream&, const boost::json::object&);
void show_lifecycle(std::ostream&, const boost::json::object&);
void show_user(std::ostream&, const boost::json::object&);
void show_users(std::ostream&, const boost::json::object&);
void show_new_key(std::ostream&, const boost::json::object&);
void show_keys(std::ostream&, const boost::json::object&);
void show_revoked(std::ostream&, const boost::json::object&);
void show_audit(std::ostream&, const boost::json::object&);
void show_checkpoint(std::ostream&, const boost::json::object&);  // the note, byte for byte
void show_audit_key(std::ostream&, const boost::json::object&);

}  // namespace beffroi::cli
