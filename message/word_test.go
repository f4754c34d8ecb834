package message

import (
	"strings"
	"testing"
)

func TestDecodeHeader(t *testing.T) {
	for _, test := range []struct{ rule, in, want string }{
		{"plain", "Hello", "Hello"},
		{"Q", "=?utf-8?Q?Gr=C3=BC=C3=9Fe_an_alle?=", "Grüße an alle"},
		{"B", "=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"},
		{"lower-case letter", "=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße"},
		{"text around", "Re: =?utf-8?Q?=C3=BC?= and more", "Re: ü and more"},
		{"space between words goes", "=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},
		{"fold between words goes", "=?utf-8?Q?a?=\r\n  =?utf-8?Q?b?=", "ab"},
		{"space between words of two charsets goes", "=?utf-8?Q?a?= =?iso-8859-1?Q?=FC?=", "aü"},
		{"space in words stays", "=?utf-8?Q?a_?= =?utf-8?Q?b?=", "a b"},
		{"words without space between", "=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"},
		{"character cut between Q words", "=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"},
		{"character cut between B words", "=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"},
		{"character cut between a Q and a B word", "=?utf-8?Q?Gr=C3?= =?utf-8?B?vMOfZQ==?=", "Grüße"},
		{"base64 group cut between words", "=?utf-8?B?R3LDv?= =?utf-8?B?MOfZQ==?=", "Grüße"},
		{"base64 without padding, then another word", "=?utf-8?B?SGk?= =?utf-8?B?SGk?=", "HiHi"},
		{"base64 with spaces and junk", "=?utf-8?B?R3LD v*MOfZQ==?=", "Grüße"},
		{"in quotes", `"=?utf-8?Q?J=C3=B6rg?="`, `"Jörg"`},
		{"spaces in a Q word", "=?utf-8?Q?Gr=C3=BC=C3=9Fe an alle?=", "Grüße an alle"},
		{"question marks in a Q word", "=?utf-8?Q?Are_you_there??=", "Are you there?"},
		{"unescaped question mark before an escape", "=?utf-8?Q?Really?=20Yes?=", "Really? Yes"},
		{"space in the head of a word", "=?UTF-8? Q?abc?=", "abc"},
		{"language", "=?utf-8*de?Q?=C3=BC?=", "ü"},
		{"cut off at the end", "=?utf-8?B?R3LDvMOf", "Grüß"},
		{"cut off inside a character", "=?utf-8?Q?Gr=C3?=", "Gr"},
		{"unknown encoding stays", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
		{"no charset stays", "=??Q?abc?=", "=??Q?abc?="},
		{"unknown charset is guessed", "=?klingon?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"},
		{"unknown charset that is no UTF-8", "=?klingon?Q?Gr=FC=DFe?=", "Grüße"},
		{"declared UTF-8 and is not", "=?utf-8?Q?Gr=FC=DFe?=", "Grüße"},
		{"declared ASCII and is not", "=?us-ascii?Q?Gr=C3=BC?=", "Grü"},
		{"declared Latin 1 and is UTF-8", "=?iso-8859-1?Q?Gr=C3=BC?=", "Grü"},
		{"ISO-2022-JP", "=?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=", "日本語"},
		{"ISO-2022-JP not declared", "\x1b$BF|K\\8l\x1b(B", "日本語"},
		{"Shift_JIS", "=?x-sjis?B?k/qWe4zq?=", "日本語"},
		{"EUC-KR", "=?ks_c_5601-1987?B?x9Gxubi7?=", "한국말"},
		{"ISO-2022-KR", "=?iso-2022-kr?B?GyQpQw5HUTE5ODsP?=", "한국말"},
		{"Big5", "=?big5?B?pKSk5Q==?=", "中文"},
		{"GB2312 is GB18030", "=?gb2312?B?1tDOxA==?=", "中文"},
		{"KOI8-R", "=?koi8-r?B?8NLJ18XU?=", "Привет"},
		{"cp-1251", "=?cp-1251?B?z/Do4uXy?=", "Привет"},
		{"UTF-7", "=?utf-7?Q?Gr+APwA3w-e +-?=", "Grüße +"},
		{"UTF-7 surrogates", "=?unicode-1-1-utf-7?Q?+2D3eAA-?=", "😀"},
		{"raw UTF-8", "Grüße", "Grüße"},
		{"raw Latin 1", "Gr\xfc\xdfe", "Grüße"},
		{"raw Latin 1 at the end", "caf\xe9", "café"},
		{"raw UTF-8 cut inside a character", "Grüße \xc3", "Grüße"},
		{"raw Latin 1 beside an encoded word", "Gr\xfc =?utf-8?Q?=C3=9F?=", "Grü ß"},
		{"folds", "a\r\n b\r\n\tc", "a b c"},
		{"white space is folded", "  a \t  b ", "a b"},
		{"control characters go", "a\x00b\x07c\x7fd\u0085e", "abcde"},
		{"control characters in words go", "=?utf-8?Q?a=00b=0D=0Ac?=", "ab c"},
		{"joiners stay", "می\u200cخواهم", "می\u200cخواهم"},
		{"nothing", "", ""},
	} {
		if got := DecodeHeader(test.in, ""); got != test.want {
			t.Errorf("%s: DecodeHeader(%q)\n got %q\nwant %q", test.rule, test.in, got, test.want)
		}
	}
}

func TestDecodeHeaderFallbackCharset(t *testing.T) {
	if got := DecodeHeader("\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251"); got != "Привет" {
		t.Errorf("got %q, want Привет", got)
	}
	if got := DecodeHeader("Gr\xfc", "no such charset"); got != "Grü" {
		t.Errorf("unknown fallback: got %q, want Grü", got)
	}
}

func TestCharsetAliases(t *testing.T) {
	const guessed = ""
	for want, labels := range map[string]string{
		guessed:        "ascii us-ascii US-ASCII us-askey ANSI_X3.4-1968 default unknown-8bit x-unknown 8bit iso646-us cp367 ibm367",
		"utf-8":        `utf8 UTF-8 "utf-8" utf8mb4 utf-8mb4 UTF_8 x-utf-8 unicode-1-1-utf-8 charset=utf-8 utf-8*en 'utf-8' cp65001 utf-8;`,
		"windows-1252": "iso-8859-1 ISO8859-1 iso_8859-1 8859-1 latin1 latin-1 windows-1252 cp1252 cp-1252 win1252 iso-8859-1-windows-1252 iso_8859-1:1987 cp819",
		"windows-1251": "windows-1251 cp1251 cp-1251 win-1251 win1251 x-cp1251 windows1251 ansi-1251",
		"windows-1254": "iso-8859-9 latin5 windows-1254",
		"windows-874":  "windows-874 tis-620 iso-8859-11 cp874 x-windows-874",
		"iso-8859-2":   "iso-8859-2 iso8859-2 iso_8859-2:1987 latin2",
		"iso-8859-15":  "iso-8859-15 iso8859_15 latin9",
		"iso-8859-8":   "iso-8859-8 iso-8859-8-i iso-8859-8-e",
		"koi8-r":       "koi8-r koi8r koi8",
		"ibm866":       "cp866 ibm866 ibm-866 cp-866",
		"euc-kr":       "euc-kr ks_c_5601-1987 cp949 uhc windows-949 ksc5601",
		"shift_jis":    "shift_jis x-sjis cp932 windows-31j ms_kanji sjis",
		"gb18030":      "gb2312 gbk gb18030 x-gbk cp936 gb_2312-80",
		"big5":         "big5 big5-hkscs cp950 x-x-big5",
		"iso-2022-jp":  "iso-2022-jp iso-2022-jp-2 csiso2022jp cp50220",
		"utf-7":        "utf-7 unicode-1-1-utf-7",
		"utf-16":       "utf-16 ucs-2",
	} {
		for label := range strings.FieldsSeq(labels) {
			got := charsetName(label)
			if got != want {
				t.Errorf("charset %q: got %q, want %q", label, got, want)
			}
			if got != guessed && got != "utf-8" && charsetDecoder(got) == nil {
				t.Errorf("charset %q: %q has no decoder", label, got)
			}
		}
	}
}
