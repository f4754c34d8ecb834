package message

import "testing"

// TestCharsetLabels: a label names its charset however its maker put it together.
func TestCharsetLabels(t *testing.T) {
	test := func(want string, labels ...string) {
		t.Helper()
		for _, label := range labels {
			if got := charsetName(label); got != want || want != "" && charsetDecoder(got) == nil && want != "utf-8" {
				t.Errorf("%q: got %q, want %q", label, got, want)
			}
		}
	}
	test("", "US-ASCII", "ansi_x3.4-1968", "646", "charset=us-askey")
	test("utf-8", "UTF8", "utf-8n", "utf8mb4", "x-utf-8")
	test("utf-16", "utf_16", "UTF16")
	test("utf-16le", "utf-16-le", "UTF_16LE")
	test("utf-32", "UTF-32", "utf_32_be")
	test("gb18030", "eucgb2312_cn", "GB_2312-80", "gb2312-1980", "936", "x-gbk", "EUC-CN", "gb18030-2000")
	test("big5", "big5_tw", "Big5-HKSCS:2004", "950", "x-mac-trad-chinese")
	test("euc-kr", "ks_c-5601-1987", "KSC5601", "euc_kr", "ms949", "x-windows-949", "949")
	test("euc-jp", "EUC_JP", "eucJP-ms", "ujis")
	test("shift_jis", "Shift-JIS", "MS_Kanji", "Windows-31J", "x-sjis", "932", "cp943")
	test("iso-2022-jp", "iso2022_jp", "x-windows-iso2022jp", "ISO-2022-JP-MS")
	test("iso-2022-kr", "iso2022kr")
	test("windows-1251", "cp1251", "win-1251", "x-cp1251", "1251")
	test("windows-1252", "ISO_8859-1:1987", "latin1", "iso-ir-100", "8859_1")
	test("iso-8859-2", "ISO_8859-2:1987", "iso-ir-101", "latin2")
	test("koi8-r", "KOI8R", "koi8_r")
	test("koi8-u", "KOI8-RU")
	test("ibm866", "cp866", "866", "x-ibm866")
	test("macintosh", "x-mac-roman", "mac_roman")
}

// TestHTMLNamesItsCharset: what the HTML says of itself counts where the header is of no use.
func TestHTMLNamesItsCharset(t *testing.T) {
	for _, header := range []string{"text/html", "text/html; charset=us-ascii", "text/html; charset=x-unheard-of"} {
		raw := "From: a@b.example\r\nContent-Type: " + header + "\r\n\r\n<meta charset=windows-1251>\xcf\xf0\xe8\xe2\xe5\xf2"
		if got, want := Parse([]byte(raw), Limits{}).HTML, "<meta charset=windows-1251>Привет"; got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
	raw := "From: a@b.example\r\nContent-Type: text/html; charset=koi8-r\r\n\r\n<meta charset=windows-1251>\xf0\xd2\xc9\xd7\xc5\xd4"
	if got, want := Parse([]byte(raw), Limits{}).HTML, "<meta charset=windows-1251>Привет"; got != want {
		t.Errorf("the header of the part comes first: got %q, want %q", got, want)
	}
}
