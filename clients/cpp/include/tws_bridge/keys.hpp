// The CURVE keys of a client, and the files that `tws-bridge keys new` writes.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <zmq.hpp>

#include "errors.hpp"

namespace tws_bridge {

/// The keys of a client, for a bridge that has a key.
///
///     auto keys = Keys::load("momentum.secret", "bridge.public");
///     Client client(keys.name, Options().keys(keys));
struct Keys {
    std::string name;       ///< the name in the file
    std::string public_key; ///< 40 characters of z85, as all keys
    std::string secret_key;
    std::string server_key; ///< the public key of the bridge

    /// Read the client's `.secret` file. `server` is the bridge's public key or the path of its `.public` file.
    ///
    /// Throws KeyFileError if a file cannot be read or has no valid key, or if others than its owner have access to the
    /// secret.
    static Keys load(const std::filesystem::path& secret, const std::string& server) {
        const auto text = read(secret);
        Keys keys;
        keys.name = word(text, "name").value_or(secret.stem().string());
        keys.public_key = key(text, "public", secret);
        keys.secret_key = key(text, "secret", secret);
        keys.server_key = load_public(server);
        char derived[41] = {};
        if (zmq_curve_public(derived, keys.secret_key.c_str()) != 0 || keys.public_key != derived) {
            throw KeyFileError(secret.string() + ": public: does not match the secret key");
        }
        check_private(secret);
        return keys;
    }

    /// The public key `text`, or the one in the `.public` file at the path `text`. A path can look like a key, so an
    /// existing file, and a name that ends with `.public`, is a path.
    static std::string load_public(const std::string& text) {
        const bool ends_as_file = text.size() >= 7 && text.compare(text.size() - 7, 7, ".public") == 0;
        std::error_code ignored;
        if (is_key(text) && !ends_as_file && !std::filesystem::exists(text, ignored)) return text;
        return key(read(text), "public", text);
    }

  private:
    static bool is_key(const std::string& text) {
        std::uint8_t bytes[32];
        return text.size() == 40 && zmq_z85_decode(bytes, text.c_str()) != nullptr;
    }

    static std::string read(const std::filesystem::path& path) {
        std::ifstream file(path);
        if (!file) throw KeyFileError(path.string() + ": cannot be read");
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    /// The value of a line `word = "value"`.
    static std::optional<std::string> word(std::string_view text, std::string_view word) {
        while (!text.empty()) {
            const auto end = std::min(text.find('\n'), text.size());
            auto line = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            if (line.substr(0, word.size()) != word) continue;
            line.remove_prefix(word.size());
            const auto open = line.find('"');
            const auto close = line.rfind('"');
            const bool is_assigned = open != std::string_view::npos && close > open &&
                                     line.substr(0, open).find_first_not_of(" \t=") == std::string_view::npos;
            if (is_assigned) return std::string(line.substr(open + 1, close - open - 1));
        }
        return std::nullopt;
    }

    static std::string key(const std::string& text, const char* name, const std::filesystem::path& path) {
        auto found = word(text, name);
        if (!found || !is_key(*found)) {
            throw KeyFileError(path.string() + ": " + name +
                               ": expected a key of 40 characters, as `tws-bridge keys new` writes it");
        }
        return *found;
    }

    static void check_private(const std::filesystem::path& path) {
#ifndef _WIN32
        using std::filesystem::perms;
        const auto others = perms::group_all | perms::others_all;
        if ((std::filesystem::status(path).permissions() & others) != perms::none) {
            throw KeyFileError(path.string() + ": others than the owner have access to it: chmod 600 " + path.string());
        }
#endif
    }
};

} // namespace tws_bridge
