package message

import (
	"strings"
	"unicode/utf8"
)

// forwardMarkerKind says what a separating line promises about the text below it.
type forwardMarkerKind uint8

const (
	forwardMarkerNone     forwardMarkerKind = iota
	forwardMarkerForward                    // "---------- Forwarded message ---------": a forward whatever the subject says
	forwardMarkerOriginal                   // "-----Original Message-----": stands above replies and forwards alike
	forwardMarkerRule                       // a bare rule, or words between dashes that we do not know
)

// forwardMarker is a separating line, taken apart.
type forwardMarker struct {
	kind forwardMarkerKind
	end  bool   // it closes a forward: "End of forwarded message"
	rest string // what stands behind the closing dashes: Yahoo's plain text puts the whole header block there
}

// Word stems, folded, that make a line between dashes (or one that ends in a colon) a marker.
const (
	forwardStems = "forwarded mess|forwarded by|forwarded e-mail|forwarded email|forwarded mail|forwarded content|forwarded lett|fwd mess|" +
		"weitergeleitet|weiterleitung|transfere|transferee|reexpedi|achemine|transmis par|reenviad|remitido por|redirigid|reencaminhad|encaminhad|repassad|" +
		"inoltrat|doorgestuurd|doorgezonden|vidarebefordra|vidaresant|videresend|videresen|edelleenlahet|valitetty|edastatud|edasisaadetud|" +
		"przekazan|przekazywan|przeslan|przesylan|przeposl|preposl|preposi|preposl|preposielan|predana zprav|predavan|postupen|" +
		"proslijed|prosljed|prosled|proslede|prosledj|posredov|tovabbit|redirection|redirectat|mesaj transmis|message transmis|mail transmis|ileti baslangici|mesajului transmis|inaintat|mesajul transmis|" +
		"iletilen|yonlendiril|iletildi|ilettigi|пересыла|переслан|переадрес|перенаправ|пересил|перасла|перасыл|препрат|препращ|проследе|" +
		"προωθη|προωθο|προωθι|転送|전달된|전달 메|전달한|转发|轉寄|轉發|轉呈|הועבר|מועבר|שהועבר|העברה|المعاد توجيه|معاد توجيه|إعادة توجيه|اعادة توجيه|معاد توجيهها|أعيد توجيه|محولة|مُعاد|تم توجيه|" +
		"هدایت شده|ارسال مجدد|persiust|persiunc|persiunt|parsut|chuyen tiep|diteruskan|terusan|dimajukan|ส่งต่อ|aframsend|framsend|reenviat|reenviament|birzali|अग्रेषित|yonlendirilmis"
	forwardOriginalStems = "original|ursprunglich|oorspronkelijk|oprindelig|opprinnelig|alkuperai|eredeti|puvodni|povodn|izvorn|orijinal|oryginal|" +
		"d'origine|исходн|оригинал|початков|вихідн|αρχικο|元の|原始|原邮件|原郵件|元メール|원본|מקורי|الأصلية|الاصلية|originale|pirmin|sakotnej|goc|asli|algne|algkiri|upphaflig|reply message|ต้นฉบับ|цитируем|оригінальн"
	forwardEndStems = "end of|ende der|ende d|fin du|fin de|konec|koniec|конец|кінець|край на|slut pa|einde|fine del|fine mess|fim da|koniec|vege|loppu|slutt pa|结束"
)

var (
	forwardStemList         = foldList(forwardStems)
	forwardOriginalStemList = foldList(forwardOriginalStems)
	forwardEndStemList      = foldList(forwardEndStems)
)

// forwardPhrases are whole marker lines that stand without dashes and colon.
var forwardPhrases = map[string]bool{
	"this is a forwarded message": true, "forwarded message": true, "begin forwarded message": true,
	"forwarded email": true, "forwarded mail": true, "---forwarded message---": true,
	"это пересылаемое сообщение": true, "пересылаемое сообщение": true, "dies ist eine weitergeleitete nachricht": true,
	"weitergeleitete nachricht": true, "message transfere": true, "mensaje reenviado": true, "mensagem encaminhada": true,
	"doorgestuurd bericht": true, "messaggio inoltrato": true, "转发邮件": true, "转发的邮件": true,
}

// forwardMaxMarker and forwardMaxPhrase bound the words of a marker with and without dashes or colon, in bytes.
const (
	forwardMaxMarker = 160
	forwardMaxPhrase = 60
)

// forwardMarkerOf reads a line as a separator. Stems instead of whole sentences are matched, because every client and
// version words its marker anew; the header block that has to follow makes up for the looseness.
func forwardMarkerOf(line string) forwardMarker {
	lead := forwardDashes(line)
	if lead == len(line) && lead > 0 {
		return forwardBareRule(line)
	}
	words, rest := line[lead:], ""
	closed := false
	if lead > 0 {
		words, rest, closed = forwardClosingDashes(words)
	}
	words = strings.TrimSpace(words)
	colon := forwardEndsInColon(words)
	if len(words) > forwardMaxMarker || words == "" || lead == 0 && !colon && len(words) > forwardMaxPhrase {
		return forwardMarker{}
	}
	key := foldText(strings.TrimRight(words, ":： "))
	switch dashed := lead >= 2 && closed || lead >= 4; {
	case !dashed && !colon && !forwardPhrases[key]:
		return forwardMarker{}
	case !dashed && (strings.Count(key, " ") > 6 || strings.Contains(key, "@")):
		return forwardMarker{}
	case forwardHasStem(key, forwardStemList):
		return forwardMarker{kind: forwardMarkerForward, end: forwardHasStem(key, forwardEndStemList), rest: rest}
	case dashed && forwardHasStem(key, forwardOriginalStemList):
		return forwardMarker{kind: forwardMarkerOriginal, end: forwardHasStem(key, forwardEndStemList), rest: rest}
	case dashed:
		return forwardMarker{kind: forwardMarkerRule, rest: rest}
	}
	return forwardMarker{}
}

// forwardBareRule takes a rule of 8 or more marks: "________________________________" of Outlook, dashes of Yandex.
func forwardBareRule(line string) forwardMarker {
	if utf8.RuneCountInString(line) < 8 {
		return forwardMarker{}
	}
	return forwardMarker{kind: forwardMarkerRule}
}

// forwardDashes measures the run of rule characters (and blanks among them) that begins s, in bytes.
func forwardDashes(s string) int {
	marks := 0
	for i, r := range s {
		switch {
		case strings.ContainsRune("-_=~#+‐‑‒–—―─━－", r):
			marks++
		case r == '*' || r == '>' || r == '<' || r == '8':
			// Stars and the scissors of "===8<===" count only inside a run.
			if marks == 0 {
				return 0
			}
		case r == ' ' && marks > 0:
		default:
			if marks == 0 {
				return 0
			}
			return i
		}
	}
	return len(s)
}

// forwardClosingDashes cuts words at the next run of two or more rule characters.
func forwardClosingDashes(s string) (words, rest string, ok bool) {
	marks, start := 0, 0
	for i, r := range s {
		if strings.ContainsRune("-_=~‐‑‒–—―─━－", r) {
			if marks == 0 {
				start = i
			}
			marks++
			continue
		}
		if marks >= 2 {
			return s[:start], strings.TrimSpace(s[start+forwardDashes(s[start:]):]), true
		}
		marks = 0
		if i > forwardMaxMarker {
			return s, "", false
		}
	}
	if marks >= 2 {
		return s[:start], "", true
	}
	return s, "", false
}

func forwardHasStem(key string, stems []string) bool {
	for _, stem := range stems {
		if strings.Contains(key, stem) {
			return true
		}
	}
	return false
}
