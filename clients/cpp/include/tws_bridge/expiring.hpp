// Made by `tws-bridge schemas` from the declarations in schemas/. Do not edit it.
#pragma once

#include <set>
#include <string>

namespace tws_bridge::detail {

/// Whether requests of this method must have `expires`: late, they would do what nobody wants any more.
inline bool must_expire(const std::string& method) {
    static const std::set<std::string> expiring{
        "exerciseOptions",
        "modifyOrder",
        "placeOrder",
        "placeOrders",
        "reload",
        "replaceFA",
        "reqAutoOpenOrders",
        "reqMarketDataType",
        "resume",
        "setServerLogLevel",
        "updateConfig",
        "updateDisplayGroup"
    };
    return expiring.count(method) > 0;
}

} // namespace tws_bridge::detail
