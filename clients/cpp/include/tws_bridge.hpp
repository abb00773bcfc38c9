// The C++ client of tws-bridge: requests, streams and subscriptions without an unseen loss, orders by key, and the order
// log, each event exactly once. README.md has a quick start; `Client` says which thread may use what.
#pragma once

#include "tws_bridge/client.hpp"
#include "tws_bridge/json.hpp"
