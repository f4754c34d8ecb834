package message

import (
	"encoding/hex"
	"regexp"
	"strings"
)

// reportGroup holds the fields of one group of a status part, names in lower case. Of a repeated field the first counts.
type reportGroup map[string]string

func (g reportGroup) get(name string) string { return g[name] }

// reportFields reads the first group of header lines in s, unfolding; lines without a colon are passed over.
func reportFields(s string) reportGroup {
	groups := reportGroups(strings.TrimLeft(s, "\r\n\t "), "")
	if len(groups) == 0 {
		return reportGroup{}
	}
	return groups[0]
}

// reportGroups splits a status part at its blank lines (RFC 3464 §2.1). A second field named again within a group
// starts the next one.
//
// QUIRK: some systems leave the blank lines out.
func reportGroups(s, again string) []reportGroup {
	var groups []reportGroup
	group, name := reportGroup{}, ""
	flush := func() {
		if len(group) > 0 && len(groups) <= reportMaxRecipients {
			groups = append(groups, group)
		}
		group, name = reportGroup{}, ""
	}
	for more := true; more; {
		var line string
		line, s, more = strings.Cut(s, "\n")
		line = strings.TrimRight(line, "\r")
		switch {
		case strings.TrimSpace(line) == "":
			flush()
		case (line[0] == ' ' || line[0] == '\t') && name != "":
			if len(group[name]) < 4000 {
				group[name] += " " + strings.TrimSpace(cutString(line, 2000))
			}
		default:
			key, value, ok := strings.Cut(line, ":")
			if !ok || len(key) > 100 {
				continue
			}
			key = strings.ToLower(strings.TrimSpace(key))
			if key == again && group[again] != "" {
				flush()
			}
			if _, known := group[key]; !known && len(group) < 200 {
				group[key], name = strings.TrimSpace(cutString(value, 8000)), key
			} else {
				name = ""
			}
		}
	}
	flush()
	return groups
}

// addDeliveryStatus reads message/delivery-status (RFC 3464 §2.3).
func (r *Report) addDeliveryStatus(body []byte) {
	worst := ""
	for _, group := range reportGroups(cutString(string(body), forwardLimit), "final-recipient") {
		if id := group.get("x-original-message-id"); id != "" && r.MessageID == "" {
			r.MessageID = messageID(id)
		}
		final, original := reportTyped(group.get("final-recipient")), reportTyped(group.get("original-recipient"))
		if final == "" && original == "" {
			continue
		}
		who := ReportRecipient{Address: original, Final: final, Diagnostic: reportDiagnostic(group.get("diagnostic-code"))}
		if who.Address == "" || !strings.Contains(who.Address, "@") && strings.Contains(final, "@") {
			who.Address = final
		}
		who.Status = reportStatus(group.get("status"))
		if who.Status == "" || strings.HasSuffix(who.Status, ".0.0") {
			if precise := reportStatus(who.Diagnostic); precise != "" && (who.Status == "" || precise[0] == who.Status[0]) {
				who.Status = precise
			}
		}
		who.Action = reportAction(group.get("action"), who.Status)
		worst = reportWorse(worst, who.Action)
		r.add(who)
	}
	if worst == "" {
		worst = ReportFailed
	}
	r.Kind = reportWorse(r.Kind, worst)
}

// addDisposition reads message/disposition-notification (RFC 8098 §3.1).
func (r *Report) addDisposition(body []byte) {
	group := reportFields(cutString(string(body), reportMaxHeader))
	r.Kind = ReportReceipt
	if id := messageID(group.get("original-message-id")); id != "" {
		r.MessageID = id
	}
	who := ReportRecipient{Address: reportTyped(group.get("original-recipient")), Final: reportTyped(group.get("final-recipient"))}
	if who.Address == "" {
		who.Address = who.Final
	}
	_, action, _ := strings.Cut(group.get("disposition"), ";")
	action, _, _ = strings.Cut(action, "/")
	who.Action = strings.ToLower(strings.TrimSpace(action))
	r.add(who)
}

// addFeedback reads message/feedback-report (RFC 5965 §3).
func (r *Report) addFeedback(body []byte) {
	group := reportFields(cutString(string(body), reportMaxHeader))
	r.Kind = ReportAbuse
	for _, name := range []string{"original-rcpt-to", "removal-recipient"} {
		for _, who := range reportAddresses(group.get(name)) {
			r.add(ReportRecipient{Address: who.Addr, Action: strings.ToLower(group.get("feedback-type"))})
		}
	}
}

// reportTyped takes the address out of "rfc822; user@example.com" (RFC 3464 §2.1.2), decoding xtext (RFC 3461 §4) and
// the international form "\x{E9}" (RFC 6533 §3).
func reportTyped(value string) string {
	kind, addr, ok := strings.Cut(value, ";")
	if !ok {
		kind, addr = "", value
	}
	addr = strings.TrimSpace(addr)
	if strings.EqualFold(strings.TrimSpace(kind), "utf-8") {
		addr = reportUnicode.ReplaceAllStringFunc(addr, reportUnescape)
	}
	if !strings.Contains(addr, "@") && strings.Contains(addr, "+40") {
		addr = reportXtext.ReplaceAllStringFunc(addr, func(s string) string {
			plain, _ := hex.DecodeString(s[1:])
			return string(plain)
		})
	}
	if list := reportAddresses(addr); len(list) > 0 {
		return list[0].Addr
	}
	return strings.Trim(addr, "<> ")
}

var (
	reportXtext   = regexp.MustCompile(`\+[0-9A-F]{2}`)
	reportUnicode = regexp.MustCompile(`\\x\{[0-9A-Fa-f]{2,6}\}`)
	reportCode    = regexp.MustCompile(`(?:^|[^0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|\.?$|\.[^0-9])`)
)

func reportUnescape(s string) string {
	n := rune(0)
	for _, c := range strings.ToLower(s[3 : len(s)-1]) {
		digit := strings.IndexRune("0123456789abcdef", c)
		n = n<<4 | rune(digit)
	}
	return string(n)
}

// reportStatus finds an enhanced status code (RFC 3463) in a text.
func reportStatus(s string) string {
	if m := reportCode.FindStringSubmatch(cutString(s, 2000)); m != nil {
		return m[1]
	}
	return ""
}

// reportAction normalises the Action field; without one the class of the status tells.
func reportAction(action, status string) string {
	action, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(action)), " ")
	switch {
	case strings.HasPrefix(action, "fail"):
		return ReportFailed
	case strings.HasPrefix(action, "delay"):
		return ReportDelayed
	case action == "relayed", action == "expanded", action == "delivered":
		return action
	case strings.HasPrefix(status, "4"):
		return ReportDelayed
	case strings.HasPrefix(status, "2"):
		return ReportDelivered
	}
	return ReportFailed
}

// reportWorse keeps the worse of two actions as the kind of a report.
func reportWorse(a, b string) string {
	rank := map[string]int{"": 0, "expanded": 1, ReportDelivered: 1, ReportRelayed: 2, ReportDelayed: 3, ReportFailed: 4}
	if rank[b] > rank[a] {
		a = b
	}
	if a == "expanded" {
		return ReportDelivered
	}
	return a
}

// reportDiagnostic drops the type of "smtp; 550 5.1.1 unknown".
func reportDiagnostic(value string) string {
	kind, text, ok := strings.Cut(value, ";")
	if !ok || len(kind) > 20 || strings.Contains(strings.TrimSpace(kind), " ") {
		text = value
	}
	return cutString(foldSpace(text), 1000)
}
