package message

import (
	"regexp"
	"strings"
)

// Sentences of free-text bounces, folded, each with the systems that write it. One of them must be there besides the
// mail system's name: auto-replies have the same senders.
var reportFailures = foldList("this is the qmail-send program|i'm afraid i wasn't able to deliver|" + // qmail, Yahoo
	"created automatically by mail delivery software|could not be delivered to one or more|the following address(es) failed|" + // Exim
	"did not reach some or all of the intended|did not reach the following recipient|could not be reached|undeliverable to the following|" + // Exchange
	"delivery has failed to these recipients|couldn't be delivered|the following recipient(s) cannot be reached|your message wasn't delivered|" + // Office 365
	"i'm sorry to have to inform you that your message|your message could not be delivered|this is the mail system at host|this is the postfix program|" + // Postfix
	"had permanent fatal errors|had permanent delivery errors|had delivery errors|the following addresses had|transcript of session follows|" + // sendmail
	"delivery to the following recipient|your message wasn't delivered to|address not found|message not delivered|message blocked|delivery incomplete|" + // Gmail
	"unable to deliver your message|unable to deliver message to|your message cannot be delivered|was unable to deliver|user unknown|mailbox unavailable|mailbox is full|returned to sender|" + // Yahoo, AOL
	"не может быть доставлено|не было доставлено|не доставлено|не удалось доставить|не может быть отправлено одному|недоставленное сообщение|" + // Mail.ru, Yandex
	"konnte nicht zugestellt werden|nicht zugestellt werden|konnte nicht ubermittelt werden|unzustellbar|" + // GMX, T-Online
	"n'a pas pu etre remis|n'a pu etre remis|impossible de remettre|non remis|no se pudo entregar|no se ha podido entregar|no se entrego|" +
	"nao pode ser entregue|nao foi possivel entregar|nao foi entregue|impossibile recapitare|non e stato recapitato|impossibile consegnare|" +
	"nie mogla zostac dostarczona|nie dostarczono|nie zostala dostarczona|kon niet worden bezorgd|kunde inte levereras|nelze dorucit|nebylo mozne dorucit|nem kezbesitheto|teslim edilemedi")

var reportDelays = foldList("has not yet been delivered|has been delayed|warning message only|do not need to resend|delivery attempts will continue|will be retried|" +
	"will keep trying|will retry|delivery incomplete|temporary problem delivering|delayed mail|message delayed|still being retried|not been delivered yet|" +
	"попытки доставки будут продолжены|доставка отложена|wird weiterhin versucht|noch nicht zugestellt|sera retentee|se seguira intentando")

// reportCopies begin the lines that introduce the returned message.
var reportCopies = foldList("--- below this line is a copy|------ this is a copy of|--- this is a copy of|----- original message|--- the message header|----- message header follows|" +
	"original message headers|--- undelivered message follows|----- unsent message follows|--- returned message|----- returned message|--- original message|----- transcript of message|" +
	"------ the body of the message|message headers follow|--- header|---- original|original message follows|------ исходное")

// reportReturnedText finds the returned message that a free-text bounce carries below its words, or "".
func reportReturnedText(text string) string {
	text = cutString(text, reportMaxText)
	for offset := 0; offset < len(text); {
		end := strings.IndexByte(text[offset:], '\n')
		if end < 0 {
			return ""
		}
		line := text[offset : offset+end]
		next := offset + end + 1
		if reportStartsCopy(line) {
			return strings.TrimLeft(text[next:], "\r\n\t >")
		}
		if low := strings.ToLower(cutString(line, 20)); strings.HasPrefix(low, "received: ") || strings.HasPrefix(low, "return-path: ") {
			return text[offset:]
		}
		offset = next
	}
	return ""
}

func reportStartsCopy(line string) bool {
	if len(line) > 200 || len(line) < 5 {
		return false
	}
	key := foldText(line)
	for _, begin := range reportCopies {
		if strings.HasPrefix(key, begin) {
			return true
		}
	}
	return false
}

// reportFromText reads a bounce that is written for people only.
func reportFromText(in ReportInput) (Report, bool) {
	text := cutString(in.Text, reportMaxText)
	words := text[:len(text)-len(reportReturnedText(text))]
	key := foldText(in.Subject + " " + words)
	failed := in.Header("X-Failed-Recipients")
	if failed == "" && !forwardHasStem(key, reportFailures) && !forwardHasStem(key, reportDelays) {
		return Report{}, false
	}
	r := Report{Kind: ReportFailed}
	if forwardHasStem(key, reportDelays) {
		r.Kind = ReportDelayed
	}
	blamed := reportBlamed(words, in.From.Addr)
	for _, who := range reportAddresses(failed) {
		r.add(reportFind(blamed, who.Addr, r.Kind))
	}
	if len(r.Recipients) == 0 {
		for _, who := range blamed {
			who.Action = r.Kind
			r.add(who)
		}
	}
	return r, true
}

func reportFind(blamed []ReportRecipient, addr, action string) ReportRecipient {
	for _, who := range blamed {
		if strings.EqualFold(who.Address, addr) {
			who.Action = action
			return who
		}
	}
	return ReportRecipient{Address: addr, Action: action}
}

// reportToWhom finds the recipient inside a sentence: "Your message wasn't delivered to user@example.com because".
var reportToWhom = regexp.MustCompile(`(?i)(?:delivered to|delivering your message to|deliver your message to|deliver message to|RCPT TO:) ?[<'"]?([^\s<>'"]+@[^\s<>'",:;]+)`)

// reportBlamed lists the addresses that a bounce talks about: those that begin a line, alone or followed by the reason,
// else those in the sentences of reportToWhom.
func reportBlamed(words, author string) []ReportRecipient {
	lines := strings.Split(words, "\n")
	var blamed []ReportRecipient
	for i, line := range lines {
		addr, reason, ok := reportLineAddress(line)
		if !ok || strings.EqualFold(addr, author) || len(blamed) >= reportMaxRecipients {
			continue
		}
		who := ReportRecipient{Address: addr, Diagnostic: reportReason(reason, lines[i+1:])}
		who.Status = reportStatus(who.Diagnostic)
		blamed = append(blamed, who)
	}
	if len(blamed) > 0 {
		return blamed
	}
	for _, m := range reportToWhom.FindAllStringSubmatch(words, 20) {
		who := ReportRecipient{Address: strings.TrimRight(m[1], "."), Diagnostic: reportReason("", lines)}
		who.Status = reportStatus(words)
		blamed = append(blamed, who)
	}
	return blamed
}

// reportLineAddress reads a line that begins with an address: "<a@b>:", "a@b", "'a@b' on 1.1.2024", "Name (a@b)<mailto:a@b>".
func reportLineAddress(line string) (addr, reason string, ok bool) {
	line = plainText(line)
	if len(line) > 1000 || !strings.Contains(line, "@") {
		return "", "", false
	}
	who, start, end := forwardFirstMailbox(line)
	if who.Addr == "" {
		return "", "", false
	}
	head, tail := strings.Trim(line[:start], " <('\"*-•"), strings.TrimLeft(line[end:], " :;,>)'\"")
	switch {
	case head == "" && (tail == "" || end < len(line) && strings.IndexByte(":;", line[end]) >= 0 || strings.HasPrefix(tail, "on ") || strings.HasPrefix(tail, "(")):
	case head == "" && strings.HasPrefix(line, "<"):
	case tail == "" && !strings.ContainsAny(head, ".:") && strings.Count(head, " ") < 4 && strings.IndexByte("(<", line[min(len(line)-1, start+1)]) >= 0:
	default:
		return "", "", false
	}
	return who.Addr, tail, true
}

// reportReason joins what stands behind the address and in the lines below, up to the first blank one.
func reportReason(reason string, below []string) string {
	for i, line := range below {
		line = plainText(line)
		if line == "" && (reason != "" || i > 0) || len(reason) > 1000 {
			break
		}
		if _, _, another := reportLineAddress(line); another {
			break
		}
		reason += " " + line
	}
	return cutString(foldSpace(reason), 1000)
}
