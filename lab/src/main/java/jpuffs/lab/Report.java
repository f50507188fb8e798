// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jpuffs.lab.Outcome.Kind;

/// What a run has shown, as text and as HTML.
final class Report {
    private static final String STYLE = """
            body { font: 15px/1.4 sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em }
            table { border-collapse: collapse; margin: 1em 0 } td, th { padding: .2em .8em; text-align: left;
            border-bottom: 1px solid #ddd; vertical-align: top } .passed { color: #176a2c } .failed { color: #b00020;
            font-weight: bold } .skipped { color: #777 } .cut { color: #8a5a00 } .number { text-align: right }
            """;

    private final Settings settings;
    private final List<Outcome> ours;
    private final Map<String, Outcome> kernel = new LinkedHashMap<>();
    private final Counters counters;

    /// @param kernel the outcomes on the kernel's FUSE, empty if there was no such run
    Report(Settings settings, List<Outcome> ours, List<Outcome> kernel, Counters counters) {
        this.settings = settings;
        this.ours = ours;
        this.counters = counters;
        kernel.forEach(outcome -> this.kernel.put(outcome.name(), outcome));
    }

    private static String summary(List<Outcome> outcomes) {
        return List.of(Kind.values()).stream()
                .filter(kind -> kind != Kind.CUT || outcomes.stream().anyMatch(outcome -> outcome.kind() == kind))
                .map(kind ->
                        outcomes.stream().filter(each -> each.kind() == kind).count() + " " + kind.word())
                .collect(Collectors.joining(", "));
    }

    /// The cases that went otherwise than on the kernel's FUSE. One that only one of the two can be asked is none.
    List<Outcome> differences() {
        return ours.stream()
                .filter(outcome -> {
                    Outcome other = kernel.get(outcome.name());
                    return other != null
                            && other.kind() != outcome.kind()
                            && other.kind() != Kind.SKIPPED
                            && outcome.kind() != Kind.SKIPPED;
                })
                .toList();
    }

    /// 0, or 1 if a case failed; with the kernel beside it, if one differs.
    int status() {
        boolean bad = kernel.isEmpty()
                ? ours.stream().anyMatch(outcome -> outcome.kind() == Kind.FAILED)
                : !differences().isEmpty();
        return bad ? 1 : 0;
    }

    private List<String> facts() {
        var facts = new ArrayList<String>();
        facts.add("Server: " + settings.title());
        facts.add("On syspuffs: " + summary(ours));
        if (!kernel.isEmpty()) {
            facts.add("On the kernel's FUSE: " + summary(List.copyOf(kernel.values())));
            facts.add("Cases that differ: " + differences().size());
        }
        if (!settings.missing().isEmpty()) {
            facts.add("Said not to have: " + settings.missing());
        }
        if (!settings.faults().equals(Faults.NONE)) {
            facts.add(settings.faults() + ", seed " + settings.seed());
        }
        return facts;
    }

    /// As text, its lines at most as long as the reasons.
    String text() {
        var text = new StringBuilder();
        facts().forEach(fact -> text.append(fact).append('\n'));
        if (!kernel.isEmpty()) {
            text.append("\nDifferent from the kernel's FUSE:\n");
            differences().forEach(outcome -> difference(text, outcome));
            if (differences().isEmpty()) {
                text.append("  none\n");
            }
        }
        for (Kind kind : List.of(Kind.FAILED, Kind.CUT, Kind.SKIPPED, Kind.PASSED)) {
            section(text, kind);
        }
        text.append("\nRequests:\n");
        for (List<String> row : counters.table()) {
            text.append("  ").append("%-16s".formatted(row.getFirst()));
            row.subList(1, row.size()).forEach(cell -> text.append("%12s".formatted(cell)));
            text.append('\n');
        }
        return text.toString();
    }

    private void difference(StringBuilder text, Outcome outcome) {
        Outcome other = kernel.get(outcome.name());
        text.append("  ").append(outcome.name()).append(": ");
        text.append(outcome.kind().word()).append(' ').append(outcome.detail());
        if (other != null) {
            text.append("; kernel: ").append(other.kind().word()).append(' ').append(other.detail());
        }
        text.append('\n');
    }

    private void section(StringBuilder text, Kind kind) {
        List<Outcome> of =
                ours.stream().filter(outcome -> outcome.kind() == kind).toList();
        if (of.isEmpty()) {
            return;
        }
        text.append('\n').append(kind.word()).append(":\n");
        if (kind == Kind.PASSED) {
            of.forEach(outcome -> text.append("  ").append(outcome.name()).append('\n'));
        } else {
            of.forEach(outcome -> text.append("  ")
                    .append(outcome.name())
                    .append(": ")
                    .append(outcome.detail())
                    .append('\n'));
        }
    }

    /// As one HTML page that needs nothing else.
    String html() {
        var html = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
        html.append(escaped(settings.title()))
                .append("</title><style>\n")
                .append(STYLE)
                .append("</style></head>\n");
        html.append("<body><h1>puffs lab: ").append(escaped(settings.title())).append("</h1>\n<ul>\n");
        facts().forEach(fact -> html.append("<li>").append(escaped(fact)).append("</li>\n"));
        html.append("</ul>\n<h2>Cases</h2>\n<table><tr><th>case</th><th>syspuffs</th>");
        html.append(kernel.isEmpty() ? "" : "<th>kernel</th>").append("<th>ms</th><th>reason</th></tr>\n");
        for (Kind kind : List.of(Kind.FAILED, Kind.CUT, Kind.SKIPPED, Kind.PASSED)) {
            ours.stream().filter(outcome -> outcome.kind() == kind).forEach(outcome -> row(html, outcome));
        }
        html.append("</table>\n<h2>Requests</h2>\n<table>\n");
        for (List<String> row : counters.table()) {
            html.append("<tr>");
            row.forEach(cell ->
                    html.append("<td class=\"number\">").append(escaped(cell)).append("</td>"));
            html.append("</tr>\n");
        }
        return html.append("</table></body></html>\n").toString();
    }

    private void row(StringBuilder html, Outcome outcome) {
        html.append("<tr><td>").append(escaped(outcome.name())).append("</td>");
        cell(html, outcome.kind());
        Outcome other = kernel.get(outcome.name());
        String reason = outcome.detail();
        if (other != null) {
            cell(html, other.kind());
            reason += other.detail().isEmpty() || other.kind() == outcome.kind()
                    ? ""
                    : " (kernel: " + other.detail() + ")";
        } else if (!kernel.isEmpty()) {
            html.append("<td></td>");
        }
        html.append("<td class=\"number\">").append(outcome.millis()).append("</td><td>");
        html.append(escaped(reason)).append("</td></tr>\n");
    }

    private static void cell(StringBuilder html, Kind kind) {
        html.append("<td class=\"")
                .append(kind.word())
                .append("\">")
                .append(kind.word())
                .append("</td>");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
