// SPDX-License-Identifier: EUPL-1.2
// The compiled half of Asio, once for all rooms (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
