package message

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// charsetVerdict is what became of a declared charset.
type charsetVerdict int

const (
	charsetRight   charsetVerdict = iota // decoded as declared
	charsetWrong                         // the bytes are not in it: guessed
	charsetUnknown                       // no such charset: guessed
)

// charsetFunc turns bytes into UTF-8 and never fails: what does not fit becomes U+FFFD.
type charsetFunc func([]byte) []byte

// toUTF8 decodes b from the declared charset, "" if none is declared. Where that is impossible the text is
// taken for UTF-8 if it can be, else for the fallback charset.
func toUTF8(b []byte, declared, fallback string) (string, charsetVerdict) {
	name := charsetName(declared)
	if name == "utf-8" || name == "" {
		if utf8.Valid(b) {
			return decodeASCII(b, name), charsetRight
		}
		if name == "" && declared == "" {
			return guessUTF8(b, fallback), charsetRight
		}
		return guessUTF8(b, fallback), charsetWrong
	}
	decode := charsetDecoder(name)
	if decode == nil {
		return guessUTF8(b, fallback), charsetUnknown
	}
	if name == "windows-1252" && utf8.Valid(b) {
		// QUIRK: the commonest wrong declaration. Latin 1 text that is valid UTF-8 by chance is all but unknown.
		return string(b), charsetRight
	}
	return strings.ToValidUTF8(string(decode(b)), "\uFFFD"), charsetRight
}

// decodeASCII reads text of no other declared charset.
//
// QUIRK: ISO-2022-JP has seven bits only, and is often not declared (RFC 1468); its escapes occur nowhere else.
func decodeASCII(b []byte, name string) string {
	if name == "" && bytes.IndexByte(b, 0x1b) >= 0 &&
		(bytes.Contains(b, []byte("\x1b$B")) || bytes.Contains(b, []byte("\x1b$@"))) {
		return strings.ToValidUTF8(string(fromEncoding(japanese.ISO2022JP)(b)), "\uFFFD")
	}
	return string(b)
}

// guessUTF8 reads text that is not what it claims to be. UTF-8 that was cut or has a few bad bytes stays UTF-8.
func guessUTF8(b []byte, fallback string) string {
	if utf8.Valid(b) {
		return string(b)
	}
	good, bad := 0, 0
	whole := b // without a rune that was cut at the end
	for rest := b; len(rest) > 0; {
		i := indexNonASCII(rest)
		if i < 0 {
			break
		}
		rest = rest[i:]
		r, n := utf8.DecodeRune(rest)
		switch {
		case r != utf8.RuneError || n > 1:
			good++
		case !utf8.FullRune(rest): // cut inside the last rune
			whole, rest, n = b[:len(b)-len(rest)], nil, 0
		default:
			bad++
		}
		rest = rest[n:]
	}
	// With nothing else to go by, a lone byte at the end is the last letter of "café" rather than half of a "é".
	if cut := b[len(whole):]; good > 2*bad || good+bad == 0 && (len(cut) > 1 || cut[0] < 0xd2) {
		return strings.ToValidUTF8(string(whole), "\uFFFD")
	}
	decode := charsetDecoder(charsetName(fallback))
	if decode == nil {
		decode = fromEncoding(charmap.Windows1252)
	}
	return strings.ToValidUTF8(string(decode(b)), "\uFFFD")
}

func indexNonASCII(b []byte) int {
	for i, c := range b {
		if c >= utf8.RuneSelf {
			return i
		}
	}
	return -1
}

// charsetName brings a charset label to the form used here: "" means ASCII or nothing known, which is guessed
// at, "utf-8" is itself.
//
// QUIRK: `charset="charset=us-ascii"`, `charset='utf-8'`, `utf-8*en` (RFC 2231 §5), `utf-8; format=flowed` in one
// token have all been seen.
func charsetName(label string) string {
	if label == "" || label == "utf-8" || label == "us-ascii" { // the usual ones, without a look at the rest
		return strings.TrimPrefix(label, "us-ascii")
	}
	label = cutString(label, maxCharsetLabel) // each word of a header may bring one to be looked up
	name := strings.ToLower(strings.Trim(label, " \t\r\n\"'`<>;,"))
	name = strings.TrimPrefix(name, "charset=")
	name = strings.Trim(name, " \"'")
	if i := strings.IndexAny(name, "*; \t\"'"); i >= 0 {
		name = name[:i]
	}
	if alias, ok := charsetAliases[name]; ok {
		return alias
	}
	return charsetFamily(name)
}

var labelPunctuation = strings.NewReplacer("-", "", "_", "", " ", "", ".", "", ":", "")

// charsetFamilies are charsets by what their labels have in common without punctuation; the first that fits counts.
//
// QUIRK: Mailman writes big5_tw and eucgb2312_cn, Java x-windows-iso2022jp, Apple x-mac-korean, others ks_c-5601.
var charsetFamilies = []struct{ stem, name string }{
	{"2022jp", "iso-2022-jp"}, {"2022kr", "iso-2022-kr"}, {"hzgb", "hz-gb-2312"},
	{"gb2312", "gb18030"}, {"gb18030", "gb18030"}, {"gbk", "gb18030"}, {"euccn", "gb18030"}, {"macsimpchinese", "gb18030"},
	{"big5", "big5"}, {"hkscs", "big5"}, {"mactradchinese", "big5"},
	{"ksc5601", "euc-kr"}, {"ksx1001", "euc-kr"}, {"euckr", "euc-kr"}, {"949", "euc-kr"}, {"mackorean", "euc-kr"},
	{"eucj", "euc-jp"}, {"ujis", "euc-jp"}, {"shiftjis", "shift_jis"}, {"shiftj", "shift_jis"}, {"sjis", "shift_jis"},
	{"mskanji", "shift_jis"}, {"31j", "shift_jis"}, {"macjapanese", "shift_jis"},
	{"utf16le", "utf-16le"}, {"utf16be", "utf-16be"}, {"utf16", "utf-16"}, {"utf32", "utf-32"}, {"utf7", "utf-7"}, {"macroman", "macintosh"},
	{"koi8u", "koi8-u"}, {"koi8ru", "koi8-u"}, {"koi8", "koi8-r"}, {"cp866u", "ibm866"}, {"maccyrillic", "x-mac-cyrillic"}, {"kz1048", "windows-1251"},
	{"asmo708", "iso-8859-6"}, {"ecma114", "iso-8859-6"}, {"ecma118", "iso-8859-7"}, {"elot928", "iso-8859-7"}, {"thai", "windows-874"}, {"tis620", "windows-874"},
	{"isoir100", "windows-1252"}, {"isoir101", "iso-8859-2"}, {"isoir109", "iso-8859-3"}, {"isoir110", "iso-8859-4"}, {"isoir126", "iso-8859-7"},
	{"isoir127", "iso-8859-6"}, {"isoir138", "iso-8859-8"}, {"isoir144", "iso-8859-5"}, {"isoir148", "windows-1254"}, {"isoir157", "iso-8859-10"},
}

// charsetFamily recognises the numbered families however their label is put together: cp-1251, win1251,
// windows_1251, iso8859_5, 8859-5, ibm-866.
func charsetFamily(name string) string {
	plain := labelPunctuation.Replace(name)
	switch {
	case strings.HasPrefix(plain, "utf8"), strings.HasPrefix(plain, "xutf8"), strings.HasPrefix(plain, "unicode11utf8"):
		return "utf-8"
	case strings.Contains(plain, "ascii"), strings.HasPrefix(plain, "usask"), strings.HasPrefix(plain, "ansix34"):
		return ""
	}
	if _, number, ok := strings.Cut(plain, "8859"); ok {
		return latinPart(number)
	}
	for _, f := range charsetFamilies {
		if strings.Contains(plain, f.stem) {
			return f.name
		}
	}
	digits := strings.TrimLeft(plain, "abcdefghijklmnopqrstuvwxyz")
	if strings.HasPrefix(digits, "125") && len(digits) == 4 {
		return "windows-" + digits
	}
	if len(digits) == 3 && !strings.Contains(plain, "ebcdic") {
		return codePage(digits)
	}
	return name
}

func latinPart(number string) string {
	switch number {
	case "1", "", "11987", "1windows1252":
		return "windows-1252" // its superset, as every browser reads it
	case "8i", "8e", "81988":
		return "iso-8859-8"
	case "9", "91989":
		return "windows-1254"
	case "11":
		return "windows-874"
	}
	digits := strings.TrimRight(number, "abcdefghijklmnopqrstuvwxyz")
	if len(digits) > 2 { // iso_8859-2:1987
		digits = digits[:len(digits)-4*(len(digits)/5)]
	}
	return "iso-8859-" + digits
}

func codePage(digits string) string {
	switch digits {
	case "367", "646":
		return ""
	case "874":
		return "windows-874"
	case "932", "943":
		return "shift_jis"
	case "936":
		return "gb18030"
	case "949":
		return "euc-kr"
	case "950":
		return "big5"
	case "858":
		return "ibm00858" // 850 with the euro sign
	}
	return "ibm" + digits
}

// charsetAliases are labels seen in mail that no registry has, or that a registry reads too narrowly.
var charsetAliases = map[string]string{
	"ascii": "", "us-ascii": "", "us": "", "646": "", "iso646-us": "", "iso-ir-6": "", "iso_646.irv:1991": "",
	"default": "", "default_charset": "", "unknown": "", "unknown-8bit": "", "x-unknown": "", "x-user-defined": "",
	"none": "", "7bit": "", "8bit": "", "7-bit": "", "8-bit": "", "binary": "", "ansi": "", "x-ansi": "", "_autodetect": "",
	"utf8": "utf-8", "utf-8": "utf-8", "unicode": "utf-8", "unicode-1-1-utf-8": "utf-8", "cp65001": "utf-8", "65001": "utf-8",
	"latin1": "windows-1252", "latin-1": "windows-1252", "l1": "windows-1252", "iso-latin-1": "windows-1252",
	"ansi_x3.110-1983": "windows-1252", "iso-8859-1": "windows-1252", "cp819": "windows-1252", "western": "windows-1252",
	"latin2": "iso-8859-2", "latin-2": "iso-8859-2", "latin5": "windows-1254", "latin9": "iso-8859-15", "latin-9": "iso-8859-15",
	"x-mac-roman": "macintosh", "mac": "macintosh", "macroman": "macintosh", "mac-cyrillic": "x-mac-cyrillic",
	"koi8": "koi8-r", "koi8r": "koi8-r", "koi-8": "koi8-r", "koi8u": "koi8-u", "koi8-ru": "koi8-u", "cyrillic": "iso-8859-5",
	"tis-620": "windows-874", "tis620": "windows-874",
	"ks_c_5601-1987": "euc-kr", "ks_c_5601-1989": "euc-kr", "ksc5601": "euc-kr", "ksc_5601": "euc-kr", "ks_c_5601": "euc-kr",
	"uhc": "euc-kr", "euckr": "euc-kr", "korean": "euc-kr", "iso-2022-kr": "iso-2022-kr", "csiso2022kr": "iso-2022-kr",
	"gb2312": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "gb": "gb18030",
	"chinese": "gb18030", "csgb2312": "gb18030", "euc-cn": "gb18030", "hz": "hz-gb-2312", "hz-gb-2312": "hz-gb-2312",
	"big5": "big5", "big-5": "big5", "big5-hkscs": "big5", "big5hkscs": "big5", "cn-big5": "big5", "x-x-big5": "big5", "x-big5": "big5",
	"x-sjis": "shift_jis", "sjis": "shift_jis", "shift-jis": "shift_jis", "shiftjis": "shift_jis", "shift_jis": "shift_jis",
	"ms_kanji": "shift_jis", "windows-31j": "shift_jis", "x-ms-cp932": "shift_jis", "cp932": "shift_jis", "ms932": "shift_jis",
	"eucjp": "euc-jp", "x-euc-jp": "euc-jp", "ujis": "euc-jp", "euc-jp": "euc-jp",
	"iso-2022-jp": "iso-2022-jp", "iso-2022-jp-1": "iso-2022-jp", "iso-2022-jp-2": "iso-2022-jp", "iso-2022-jp-3": "iso-2022-jp",
	"iso-2022-jp-ms": "iso-2022-jp", "csiso2022jp": "iso-2022-jp", "cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp", "jis": "iso-2022-jp",
	"utf-7": "utf-7", "utf7": "utf-7", "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "csunicode11utf7": "utf-7",
	"cp20866": "koi8-r", "cp21866": "koi8-u", "cp28591": "windows-1252", "cp28592": "iso-8859-2", "cp28595": "iso-8859-5", "cp28597": "iso-8859-7",
	"cp28605": "iso-8859-15", "cp51949": "euc-kr", "cp54936": "gb18030", "cp1200": "utf-16le",
	"utf16": "utf-16", "ucs-2": "utf-16", "utf-16": "utf-16", "utf16le": "utf-16le", "utf16be": "utf-16be",
}

// charsetDecoder returns the decoder of a name that charsetName made, nil if there is none.
func charsetDecoder(name string) charsetFunc {
	switch name {
	case "":
		return nil
	case "utf-7":
		return decodeUTF7
	case "iso-2022-kr":
		return decodeISO2022KR
	}
	if e := charsetEncoding(name); e != nil && e != encoding.Replacement {
		return fromEncoding(e)
	}
	return nil
}

func charsetEncoding(name string) encoding.Encoding {
	switch name {
	case "windows-1252":
		return charmap.Windows1252
	case "windows-1251":
		return charmap.Windows1251
	case "gb18030":
		return simplifiedchinese.GB18030
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "big5":
		return traditionalchinese.Big5
	case "euc-kr":
		return korean.EUCKR
	case "utf-16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-32":
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	}
	if e, err := htmlindex.Get(name); err == nil {
		return e
	}
	if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
		return e
	}
	if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
		return e
	}
	return nil
}

func fromEncoding(e encoding.Encoding) charsetFunc {
	return func(b []byte) []byte {
		out, err := e.NewDecoder().Bytes(b)
		if err != nil { // UTF-16 without a byte order mark
			out, _ = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Bytes(b)
		}
		return out
	}
}
