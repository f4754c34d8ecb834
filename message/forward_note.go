package message

import "strings"

// forwardNote is the covering text: what stands above the quotation, less the signature.
func forwardNote(lines []forwardLine) string {
	lines = lines[:forwardSignature(lines)]
	for len(lines) > 0 && forwardIsRule(lines[len(lines)-1].text) {
		lines = lines[:len(lines)-1]
	}
	return forwardTrimText(forwardJoin(lines, forwardSharedDepth(lines)))
}

// forwardIsRule tells a line that only separates: an empty one, a rule, also a short one (Tutanota's "-----").
func forwardIsRule(text string) bool {
	return text == "" || forwardMarkerOf(text).kind == forwardMarkerRule || len(text) >= 3 && strings.Trim(text, "-_=") == ""
}

// forwardSharedDepth counts the quote marks that all lines have.
func forwardSharedDepth(lines []forwardLine) int {
	depth := -1
	for _, line := range lines {
		if line.text != "" && (depth < 0 || line.depth < depth) {
			depth = line.depth
		}
	}
	return max(0, depth)
}

// forwardBody is the original's text: what stands below the header block, less the quote marks that the block has, too.
func forwardBody(lines []forwardLine, q forwardQuotation) string {
	body := lines[q.body:]
	body = forwardSkipCaption(body)
	depth := q.depth
	if i, ok := forwardNextText(body, 0, 20); ok && body[i].depth > depth {
		depth = body[i].depth // Missive and Spark quote the text, but not the header block
	}
	body = body[:forwardBodyEnd(body)]
	return forwardTrimText(forwardJoin(forwardDedent(body), depth))
}

// forwardSkipCaption drops a second marker between header block and text: Zoho repeats its own, The Bat! announces the
// "Original message text". A marker with a header block below begins a nested forward and stays.
func forwardSkipCaption(body []forwardLine) []forwardLine {
	i, ok := forwardNextText(body, 0, 4)
	if !ok || forwardMarkerOf(body[i].text).kind == forwardMarkerNone || strings.Trim(body[i].text, "_") == "" {
		return body
	}
	if j, ok := forwardNextText(body, i+1, 4); ok {
		if _, _, labelled := forwardReadLabel(body[j].text); labelled {
			return body
		}
	}
	return body[i+1:]
}

// forwardBodyEnd finds the line that closes a forward ("End of forwarded message"), or a rule as the very last line.
func forwardBodyEnd(body []forwardLine) int {
	for i, line := range body {
		if line.text != "" && strings.IndexByte("-=_~", line.text[0]) >= 0 && forwardMarkerOf(line.text).end {
			return i
		}
	}
	end := len(body)
	for end > 0 && body[end-1].text == "" {
		end--
	}
	if end > 0 && len(body[end-1].text) >= 20 && forwardDashes(body[end-1].text) == len(body[end-1].text) {
		end--
	}
	return end
}

// forwardDedent takes the indentation off that all lines share.
//
// QUIRK: Outlook 2019 for Mac indents the text below its "On … wrote:" by four blanks, Yahoo by one.
func forwardDedent(lines []forwardLine) []forwardLine {
	shared := -1
	for _, line := range lines {
		if line.text == "" {
			continue
		}
		if indent := len(line.raw) - len(strings.TrimLeft(line.raw, " ")); shared < 0 || indent < shared {
			shared = indent
		}
	}
	if shared <= 0 {
		return lines
	}
	out := make([]forwardLine, len(lines))
	for i, line := range lines {
		if line.text != "" {
			line.raw = line.raw[shared:]
		}
		out[i] = line
	}
	return out
}

// forwardJoin makes text of lines again, without the first depth quote marks of each.
func forwardJoin(lines []forwardLine, depth int) string {
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		if line.depth > depth {
			b.WriteString(strings.Repeat(">", line.depth-depth))
			b.WriteByte(' ')
		}
		b.WriteString(line.raw)
	}
	return b.String()
}

func forwardTrimText(s string) string {
	return strings.Trim(strings.ReplaceAll(s, "\x00", ""), " \t\r\n\u00a0\ufeff\u200b\u3000")
}

// forwardSignatureLines are the last lines of a text in which an advertisement is looked for.
const forwardSignatureLines = 3

// forwardSignature finds where the signature begins: at the line "-- " (RFC 3676 §4.3), or at an advertisement of the
// sending program among the last lines.
func forwardSignature(lines []forwardLine) int {
	for i, line := range lines {
		if line.text == "--" || line.text == "—" {
			return i
		}
	}
	seen := 0
	for i := len(lines) - 1; i >= 0 && seen < forwardSignatureLines; i-- {
		if lines[i].text == "" || forwardMarkerOf(lines[i].text).kind == forwardMarkerRule {
			continue
		}
		if forwardIsAdvertisement(lines[i].text) {
			return i
		}
		seen++
	}
	return len(lines)
}

// forwardAdvertisements are beginnings of the lines that phones and programs add, folded.
var forwardAdvertisements = foldList("sent from my|sent from outlook|sent from mail for|sent from yahoo|sent from samsung|sent from iphone|sent from proton|" +
	"sent via|sent with|get outlook for|download outlook|von meinem iphone gesendet|von meinem ipad gesendet|von meinem|gesendet von|gesendet mit|holen sie sich outlook|" +
	"envoyé de mon|envoyé depuis|télécharger outlook|obtenez outlook|provenance :|enviado desde mi|enviado desde|obtener outlook|descargar outlook|enviado do meu|" +
	"enviado a partir|obter o outlook|inviato da|scarica outlook|ottieni outlook|verstuurd vanaf|verzonden vanaf|download outlook|skickat från|hämta outlook|" +
	"sendt fra min|sendt fra|hent outlook|lähetetty iphonesta|lähetetty|wysłane z|wysłano z|pobierz outlook|odesláno z|získejte outlook|odoslané z|poslano sa|poslano s|" +
	"az iphone-omról küldve|küldve|отправлено с|отправлено из|скачать outlook|надіслано з|iphone'umdan gönderildi|trimis de pe|trimis din|изпратено от|στάλθηκε από|" +
	"发自我的|從我的|发送自|iphoneから送信|나의 iphone|נשלח מ|أرسلت من|أُرسلت من|išsiųsta iš|saadetud minu|nosūtīts no|dikirim dari|được gửi từ")

func forwardIsAdvertisement(text string) bool {
	if len(text) > 160 {
		return false
	}
	key := foldText(text)
	for _, begin := range forwardAdvertisements {
		if strings.HasPrefix(key, begin) {
			return true
		}
	}
	return false
}
