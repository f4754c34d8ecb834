package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// prefixKind is what a prefix says.
type prefixKind uint8

const (
	kindReply prefixKind = 1 << iota
	kindForward
)

// maxPrefix is longer than any prefix with its counter, in bytes.
const maxPrefix = 64

// subjectPrefix reads the prefix at the beginning of s and returns its length with the colon, 0 if there is none.
func subjectPrefix(s string) (kind prefixKind, n int) {
	colon, width := forwardColon(cutString(s, maxPrefix))
	if colon <= 0 {
		return 0, 0
	}
	word := strings.TrimRight(trimCounter(s[:colon]), " .")
	key := foldText(word)
	kind, ok := subjectPrefixIndex[key]
	if !ok || tooShort(word, key) {
		return 0, 0
	}
	return kind, colon + width
}

// trimCounter takes [2], (2), ^2, *2 or a number off the end.
func trimCounter(s string) string {
	s = strings.TrimRight(s, " ")
	closed := strings.TrimRight(s, ")]）")
	number := strings.TrimRightFunc(closed, unicode.IsDigit)
	if number == closed {
		return s
	}
	return strings.TrimRight(number, " ([^*（")
}

// tooShort tells of a prefix of one or two letters that it is a word of the subject: clients write "AW:", "Aw:", "R:",
// people write "i: small", "vs: them". Only "re" and "fw" are of any case (RFC 5256 §5), and scripts that have none.
func tooShort(word, key string) bool {
	if key == "re" || key == "fw" || utf8.RuneCountInString(word) > 2 {
		return false
	}
	first, _ := utf8.DecodeRuneInString(word)
	return unicode.IsLower(first)
}

// subjectPrefixes are the prefixes of mail clients by what they say, folded when they are compared (foldText), so that
// "Rép" and "REP" are one. Several are of more than one language.
var subjectPrefixes = map[prefixKind]string{
	kindReply: "" +
		"re|ré|rép|réponse|res|resp|rsp|aw|antw|antwort|antwoord|sv|svar|" + // English, French, Portuguese, German, Dutch, Nordic
		"odp|odpověď|odpoveď|ynt|yanıt|ynıt|cevap|r|rif|risp|risposta|vá|válasz|" + // Polish, Czech, Slovak, Turkish, Italian, Hungarian
		"ats|atsakymas|atb|atbilde|odg|hodg|odgovor|bls|balas|răsp|răspuns|rasp|" + // Baltic, Croatian, Slovene, Indonesian, Romanian
		"vast|vastaus|vastus|respuesta|resposta|svör|erw|trl|trả lời|" + // Finnish, Estonian, Spanish, Catalan, Icelandic, German, Vietnamese
		"απ|απάντηση|σχετ|на|отв|ответ|вд|відп|відповідь|отг|отговор|одг|одговор|адказ|" + // Greek, Russian, Ukrainian, Bulgarian, Serbian, Belarusian
		"回复|回覆|答复|答覆|回信|返信|답장|re답장|회신|" + // Chinese, Japanese, Korean
		"השב|תגובה|תשובה|רד|רי|رد|الرد|پاسخ|جواب|ตอบ|ตอบกลับ", // Hebrew, Arabic, Persian, Thai
	kindForward: "" +
		"fwd|fw|forward|forwarded|wg|wtr|weitergeleitet|tr|transf|transfert|transféré|" + // English, German, French
		"rv|renv|reenv|reenviado|reenvio|enc|encaminhada|encaminhado|i|inoltra|inoltro|inoltrato|inoltrata|" + // Spanish, Portuguese, Italian
		"vb|vidarebefordrat|vl|välitetty|doorst|doorgestuurd|videresend|videresendt|fs|áframsent|" + // Swedish, Finnish, Dutch, Danish, Norwegian, Icelandic
		"pd|dalej|przekaż|przekazano|přep|přeposláno|předáno|preposlané|postúpené|" + // Polish, Czech, Slovak
		"ilt|ilet|ileti|iletilen|tov|továbbítás|továbbítva|továbbított|továbbküldött|" + // Turkish, Hungarian
		"prosl|proslijeđeno|prosleđ|prosleđeno|posr|posredovano|redirecționat|redirecţionat|rdr|" + // Croatian, Serbian, Slovene, Romanian
		"persiųsta|persiųstas|persiųsti|persiuntimas|pārs|pārsūt|pārsūtīts|pārsūtīšana|edasi|edastatud|" + // Baltic, Estonian
		"trs|terusan|teruskan|diteruskan|chuyển tiếp|yml|" + // Indonesian, Malay, Vietnamese, Welsh
		"πρθ|προωθ|προωθημένο|προώθηση|пер|пересл|переслано|переслать|пересылка|пд|переслане|переслав|пересилання|" + // Greek, Russian, Ukrainian
		"препр|препратено|препратени|пнп|просл|прослеђено|" + // Bulgarian, Serbian
		"转发|轉寄|轉發|转寄|轉呈|転送|전달|fw전달|" + // Chinese, Japanese, Korean
		"הועבר|העברה|توجيه|تحويل|إعادة توجيه|ارسال|هدایت|ส่งต่อ", // Hebrew, Arabic, Persian, Thai
	kindReply | kindForward: "vs",
}

var subjectPrefixIndex = indexPrefixes()

func indexPrefixes() map[string]prefixKind {
	index := make(map[string]prefixKind, 256)
	for kind, words := range subjectPrefixes {
		for _, key := range foldList(words) {
			index[key] = kind
		}
	}
	return index
}
