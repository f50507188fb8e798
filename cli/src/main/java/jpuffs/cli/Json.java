// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

/// JSON for machines that read our output.
final class Json {
    private Json() {}

    /// Appends `text` as a string.
    static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ') {
                json.append(c < 16 ? "\\u000" : "\\u00").append(Integer.toHexString(c));
            } else {
                json.append(c == '"' || c == '\\' ? "\\" : "").append(c);
            }
        }
        json.append('"');
    }

    /// Appends `"name": "text"`.
    static void member(StringBuilder json, String name, String text) {
        quote(json, name);
        quote(json.append(": "), text);
    }
}
