package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// forwardAttribution is the line that mail clients put above a quotation instead of a header block:
// "On Mon, 2 Nov 2021 at 9:26, John Doe <john@example.com> wrote:". It may be wrapped over three lines.
type forwardAttribution struct {
	first, last int // its lines
	from        Address
	date        string // as written
}

// forwardVerbs are the words for "wrote" in attribution lines, folded. Words of other languages do no harm: the line
// must hold a date as well.
var forwardVerbs = foldList("wrote|writes|schrieb|schreibt|geschrieben|a écrit|écrit|ecrivait|escribió|escribio|ha escrito|ha scritto|scrive|scrisse|" +
	"escreveu|escreveu o seguinte|schreef|geschreven|skrev|følgende|följande|kirjoitti|kirjutas|írta|írt|napisał|napisała|napisał(a)|pisze|" +
	"napsal|napsala|napsal(a)|napísal|napísala|napísal(a)|píše|napisao|napisala|napisao/la|je napisal|piše|написао|написала|" +
	"a scris|yazdı|yazmış|şunları yazdı|написал|написал(а)|пишет|писал|писал(а)|пишете|написав|написав(ла)|писав|пише|" +
	"написа|έγραψε|כתב|כתבה|מאת|كتب|كتبت|نوشت|書きました|書いた|のメール|作成|작성|썼습니다|写道|寫道|写到|đã viết|viết|menulis|tulis|rašė|parašė|rakstīja|" +
	"เขียนว่า|เขียน|skrifaði|va escriure|escrigué|idatzi|shkroi|yazıb|жазды|напісаў|напісала")

// forwardConnectors are words between date and name, folded; everything of this kind is dropped from before a name.
var forwardConnectors = forwardWordSet("在 d on am le el il op den dne dna dnia dana em la pe vao w v u ve na kl klo kell o at um om à a às à(s) as ore ora uhr heeft hat " +
	"schrieb schreef skrev kirjoitti użytkownik odesílatel kontakt χρήστης uzivatel uživatel používateľ пользователь користувач користувача korisnik " +
	"időpontban ezt írta írta tarihinde tarihli saat saatinde de from by от від од från fra von od par da door av af wrote escribió " +
	"ha scritto a escrit écrit escreveu napsal napsala napsal(a) napísal napisał yazdı пишет написал(а) написал написала " +
	"the le giorno il alle dia día día hs uur г г. р р. г., р., ч ч. h gmt utc cet cest eet eest est edt pst pdt cst cdt mez mesz oesz am pm a.m. p.m. " +
	"στις ο χρήστης la data data scris a fost godz godz. godzinie o godz. plkst. val. kuupäeval kell kirjutas lúc ngày vào pada pukul jam " +
	"den følgende följande je ob у в о об време часа lietotājs şunu 于 於")

// forwardParticles begin a surname. A capital letter tells them from connectors: "De Smet", not "de Luc Smet".
var forwardParticles = forwardWordSet("de da di du do dos des del della van von den der vom la le lo el al ter ten zu")

func forwardWordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		set[foldText(word)] = true
	}
	return set
}

// forwardAttributionAbove may stand above the last line of an attribution.
const forwardAttributionAbove = 2

// forwardMaxAttribution bounds an attribution, in bytes over all its lines.
const forwardMaxAttribution = 600

// attributionReader reads the attributions of one body. It counts the lines that looked like one and were none: each
// costs as much as a hundred others, and no mail of people has many.
type attributionReader struct{ missed int }

const maxMissedAttributions = 1000

func (r *attributionReader) attribution(lines []forwardLine, i int) (forwardAttribution, bool) {
	if r.missed >= maxMissedAttributions || !forwardEndsInColon(lines[i].text) {
		return forwardAttribution{}, false
	}
	a, ok := forwardAttributionAt(lines, i)
	if !ok {
		r.missed++
	}
	return a, ok
}

// forwardAttributionAt reads the attribution whose last line is i. Of one, two and three lines the fewest are taken
// that hold a date and an address, or a date and a word for "wrote".
func forwardAttributionAt(lines []forwardLine, i int) (forwardAttribution, bool) {
	if !forwardEndsInColon(lines[i].text) {
		return forwardAttribution{}, false
	}
	joined := ""
	for first := i; first >= max(0, i-forwardAttributionAbove); first-- {
		line := lines[first]
		if line.text == "" || len(line.text)+len(joined) > forwardMaxAttribution {
			break
		}
		joined = strings.TrimSpace(line.text + " " + joined)
		if from, date, ok := forwardReadAttribution(joined); ok {
			return forwardAttribution{first: first, last: i, from: from, date: date}, true
		}
	}
	return forwardAttribution{}, false
}

func forwardEndsInColon(s string) bool {
	s = strings.TrimRight(s, "*_ ")
	return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：")
}

// forwardReadAttribution takes author and date from a whole attribution.
func forwardReadAttribution(s string) (Address, string, bool) {
	span := forwardDateSpan(s)
	if span.end == 0 {
		return Address{}, "", false
	}
	who, addrStart, addrEnd := forwardFirstMailbox(s)
	if who.Addr == "" && !forwardHasVerb(s) {
		return Address{}, "", false
	}
	if who.Addr == "" {
		who.Name = forwardNameBeside(s, span)
		return who, s[span.start:span.end], who.Name != ""
	}
	if span.start >= addrEnd { // "John Doe <john@example.com> kirjoitti 28.10.2021 12.46:"
		who.Name = forwardTrimConnectors(s[:addrStart])
		return who, s[span.start:span.end], true
	}
	if span.end <= addrStart {
		who.Name = forwardTrimConnectors(s[span.end:addrStart])
	}
	who.Name = nameBeside(who.Name, who.Addr)
	return who, s[forwardDateStart(s, span.start):span.end], true
}

// forwardDateStart includes up to three words before the first number of a date: "Tue, Mar 5".
func forwardDateStart(s string, start int) int {
	for range 3 {
		head := strings.TrimRight(s[:start], " ")
		at := strings.LastIndexByte(head, ' ') + 1
		word := head[at:]
		key := foldText(strings.Trim(word, ",."))
		if key == "" || len(word) > 40 || forwardConnectors[key] || strings.ContainsAny(word, "!?\"<>:") {
			break
		}
		start = at
	}
	return start
}

func forwardHasVerb(s string) bool {
	key := foldText(s)
	for _, verb := range forwardVerbs {
		if strings.Contains(key, verb) {
			return true
		}
	}
	return false
}

// forwardNameBeside finds the author's name in an attribution without address: behind the date up to the verb, or
// before both.
func forwardNameBeside(s string, span forwardSpan) string {
	name := forwardTrimConnectors(strings.TrimRight(s[span.end:], ":： *"))
	words := strings.Fields(name)
	words = forwardDropLast(words)
	if len(words) == 0 {
		words = strings.Fields(forwardTrimConnectors(s[:span.start]))
	}
	words = forwardDropLast(words)
	if len(words) > 6 {
		return ""
	}
	return forwardCleanName(strings.Join(words, " "))
}

// forwardDropLast drops verbs and connectors from the end of a name.
func forwardDropLast(words []string) []string {
	for n := len(words); n > 0; n-- {
		if last := words[n-1]; !forwardConnectors[foldText(last)] && !forwardIsVerb(last) {
			return words[:n]
		}
	}
	return nil
}

func forwardIsVerb(word string) bool {
	key := foldText(strings.Trim(word, ",:"))
	for _, verb := range forwardVerbs {
		if key == verb {
			return true
		}
	}
	return false
}

// forwardTrimConnectors leaves the name of "heeft John Doe", `, пользователь "John Doe"` or "at 9:31 AM John Doe".
func forwardTrimConnectors(s string) string {
	s = strings.TrimSpace(s)
	if name, ok := forwardQuotedEnd(s); ok {
		return forwardCleanName(name)
	}
	for s != "" {
		s = strings.TrimLeft(s, " ,;.)-–—:")
		word, rest, more := strings.Cut(s, " ")
		if !forwardConnectors[foldText(strings.TrimRight(word, ",;"))] && !forwardIsVerb(word) {
			break
		}
		// A capital letter and another word behind make "De Smet" a name, not a connector.
		if first, _ := utf8.DecodeRuneInString(word); unicode.IsUpper(first) && more && len(word) > 1 && !forwardAllUpper(word) &&
			(!strings.ContainsAny(rest, " ") || forwardParticles[foldText(word)]) {
			break
		}
		if !more {
			return ""
		}
		s = rest
	}
	return forwardCleanName(s)
}

func forwardAllUpper(s string) bool { return strings.ToUpper(s) == s }

// forwardQuotedEnd finds a quoted name at the end of s.
func forwardQuotedEnd(s string) (string, bool) {
	for _, q := range [][2]string{{`"`, `"`}, {"„", "”"}, {"„", "“"}, {"“", "”"}, {"«", "»"}, {"‘", "’"}, {"'", "'"}} {
		inner, ok := strings.CutSuffix(s, q[1])
		if !ok {
			continue
		}
		if at := strings.LastIndex(inner, q[0]); at >= 0 {
			return inner[at+len(q[0]):], true
		}
	}
	return "", false
}
