// SPDX-License-Identifier: EUPL-1.2
#include "server/http/deadline.h"

namespace beffroi::http {

Deadline::Deadline(Deadlines& all, void (*on_expire)(void*), void* owner)
    : all_(all), on_expire_(on_expire), owner_(owner), place_(all.all_.size()) {
  all_.all_.push_back(this);
  all_.arm();
}

Deadline::~Deadline() {
  Deadline* last = all_.all_.back();
  last->place_ = place_;
  all_.all_[place_] = last;
  all_.all_.pop_back();
}

void Deadline::set(Clock::duration from_now) {
  at_ = Clock::now() + from_now;
}

void Deadlines::arm() {
  if (armed_ || all_.empty()) return;
  armed_ = true;
  timer_.expires_after(tick_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    armed_ = false;
    if (!error) look();
  });
}

void Deadlines::look() {
  const Deadline::Clock::time_point now = Deadline::Clock::now();
  for (Deadline* deadline : all_) {
    if (deadline->at_ > now) continue;
    deadline->clear();
    deadline->on_expire_(deadline->owner_);
  }
  arm();
}

}  // namespace beffroi::http
