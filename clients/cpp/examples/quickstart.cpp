// Prints the ticks of one stock: quickstart [CONID]
#include <cstdlib>
#include <iostream>

#include <tws_bridge.hpp>

using namespace tws_bridge;

int main(int count, char** words) {
    const int con_id = count > 1 ? std::atoi(words[1]) : 265598;
    Client client("quickstart", Options::from_environment());
    auto ticks = client.stream("reqMktData", Map{{"contract", Map{{"conId", con_id}, {"exchange", "SMART"}}}});
    for (auto& update : ticks) {
        std::visit(overloaded{
                       [](const Gap& gap) { std::cout << "lost: " << gap.reason << "\n"; },
                       [](const Stale& stale) { std::cout << "not current: " << stale.reason << "\n"; },
                       [](const Fresh&) { std::cout << "current again\n"; },
                       [](const Ended& ended) { std::cout << "ended: " << ended.reason << "\n"; },
                       [](const Synced&) { std::cout << "live\n"; },
                       [](const Event& event) { // Snapshot, Recovered, Live
                           if (event.name == "tickPrice") std::cout << event.data["price"].as<double>() << "\n";
                       },
                   },
                   update);
        std::cout.flush();
    }
}
