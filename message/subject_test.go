package message

import (
	"strings"
	"testing"
)

func TestBaseSubject(t *testing.T) {
	const none, reply, forward, both = 0, kindReply, kindForward, kindReply | kindForward
	for _, test := range []struct {
		in   string
		want string
		kind prefixKind
	}{
		{"Offer", "Offer", none},
		{"Re: Offer", "Offer", reply},
		{"RE: Offer", "Offer", reply},
		{"re:Offer", "Offer", reply},
		{"Re : Offer", "Offer", reply},
		{"Re: Re: RE: Offer", "Offer", reply},
		{"Re[2]: Offer", "Offer", reply},
		{"Re(3): Offer", "Offer", reply},
		{"Re^4: Offer", "Offer", reply},
		{"Re*5: Offer", "Offer", reply},
		{"Re 2: Offer", "Offer", reply},
		{"Re: Fwd: Offer", "Offer", reply},
		{"Fwd: Re: Offer", "Offer", forward},
		{"FW: Offer", "Offer", forward},
		{"[Fwd: Offer]", "Offer", forward},
		{"[Fwd: Re: Offer]", "Offer", forward},
		{"Offer (fwd)", "Offer", forward},
		{"Re: Offer (Fwd)", "Offer", reply},
		{"[list] Offer", "[list] Offer", none},
		{"Re: [list] Re: Offer", "[list] Offer", reply},
		{"[list] Re: [list] Offer", "[list] Offer", reply},
		{"[a] [b] Re: Offer", "[a] [b] Offer", reply},
		{"Re: [Fwd: Offer]", "Offer", reply},
		{"[Fwd: Offer (fwd)]", "Offer", forward},
		{"(Fwd) Offer", "Offer", forward},
		{"[D#42] Re: Offer", "[D#42] Offer", reply},
		{"[private]", "[private]", none},
		{"[private", "[private", none},
		{"  Re:   Offer \t  no 5 ", "Offer no 5", reply},
		{"Re:", "", reply},
		{"", "", none},
		{"Re: \x00Offer", "Offer", reply},
		{"Offer: the second", "Offer: the second", none},
		{"Regarding: Offer", "Regarding: Offer", none},
		{"Reply: Offer", "Reply: Offer", none},
		{"I: Offerta", "Offerta", forward},
		{"i: small", "i: small", none},
		{"vs: them", "vs: them", none},
		{"на: понедельник", "на: понедельник", none},
		{"Aw: Angebot", "Angebot", reply},
		{"НА: Предложение", "Предложение", reply},
		{"fw: Offer", "Offer", forward},
		{"\u200fרד: הצעה", "הצעה", reply},
		{"Re（2）：报价", "报价", reply},
		{"R: Offerta", "Offerta", reply},
		{"AW: WG: Angebot", "Angebot", reply},
		{"WG: Angebot", "Angebot", forward},
		{"Antw: Angebot", "Angebot", reply},
		{"SV: Tilbud", "Tilbud", reply},
		{"VB: Erbjudande", "Erbjudande", forward},
		{"VS: Tilbud", "Tilbud", both},
		{"VL: Tarjous", "Tarjous", forward},
		{"TR: Offre", "Offre", forward},
		{"Rép : Offre", "Offre", reply},
		{"RV: Oferta", "Oferta", forward},
		{"ENC: Oferta", "Oferta", forward},
		{"RES: Oferta", "Oferta", reply},
		{"Odp: Oferta", "Oferta", reply},
		{"PD: Oferta", "Oferta", forward},
		{"Přeposláno: Nabídka", "Nabídka", forward},
		{"Preposlané: Ponuka", "Ponuka", forward},
		{"Vá: Ajánlat", "Ajánlat", reply},
		{"Továbbítva: Ajánlat", "Ajánlat", forward},
		{"Răsp: Ofertă", "Ofertă", reply},
		{"YNT: Teklif", "Teklif", reply},
		{"İLT: Teklif", "Teklif", forward},
		{"ΑΠ: Προσφορά", "Προσφορά", reply},
		{"ΠΡΘ: Προσφορά", "Προσφορά", forward},
		{"Отв: Предложение", "Предложение", reply},
		{"Пересл: Предложение", "Предложение", forward},
		{"Відп: Пропозиція", "Пропозиція", reply},
		{"Odg: Ponuda", "Ponuda", reply},
		{"Prosl: Ponuda", "Ponuda", forward},
		{"Ats: Pasiūlymas", "Pasiūlymas", reply},
		{"BLS: Penawaran", "Penawaran", reply},
		{"TRS: Penawaran", "Penawaran", forward},
		{"回复：报价", "报价", reply},
		{"回覆: 報價", "報價", reply},
		{"转发: 报价", "报价", forward},
		{"轉寄: 報價", "報價", forward},
		{"転送: 見積", "見積", forward},
		{"답장: 견적", "견적", reply},
		{"전달: 견적", "견적", forward},
		{"תשובה: הצעה", "הצעה", reply},
		{"رد: عرض", "عرض", reply},
		{"إعادة توجيه: عرض", "عرض", forward},
		{"Trả lời: Báo giá", "Báo giá", reply},
		{"Chuyển tiếp: Báo giá", "Báo giá", forward},
	} {
		base, isReply, isForward := BaseSubject(test.in)
		if base != test.want || isReply != (test.kind&kindReply != 0) || isForward != (test.kind&kindForward != 0) {
			t.Errorf("BaseSubject(%q)\n got %q, reply=%v, forward=%v\nwant %q, %02b", test.in, base, isReply, isForward, test.want, test.kind)
		}
	}
}

func TestSplitSubject(t *testing.T) {
	tests := []struct {
		subject, base  string
		reply, forward bool
	}{
		{"Offer", "Offer", false, false},
		{"Re: Offer", "Offer", true, false},
		{"AW: WG: Offer", "Offer", true, false},
		{"Fwd: Re: Offer", "Offer", false, true},
		{"RE[2]: Offer", "Offer", true, false},
		{"Re (3): Offer", "Offer", true, false},
		{"TR : Offer", "Offer", false, true},
		{"İLT: Offer", "Offer", false, true},
		{"Пересл: Offer", "Offer", false, true},
		{"转发：Offer", "Offer", false, true},
		{"回复: 答复: Offer", "Offer", true, false},
		{"[EXTERNAL] FW: Offer", "Offer", false, true},
		{"[list] Offer", "[list] Offer", false, false},
		{"[Fwd: Offer]", "Offer", false, true},
		{"Offer (fwd)", "Offer", false, true},
		{"Order: 12", "Order: 12", false, false},
		{"Re:", "", true, false},
		{"", "", false, false},
		{strings.Repeat("Re: ", 5000), "", true, false},
	}
	for _, test := range tests {
		got := SplitSubject(test.subject)
		if got.Base != test.base && len(test.subject) < 1000 || got.Reply != test.reply || got.Forward != test.forward {
			t.Errorf("%.60q: got %+v, want base %q, reply %v, forward %v", test.subject, got, test.base, test.reply, test.forward)
		}
	}
}

// Where "(fwd)" stands behind a reply prefix the header alone cannot tell which came first; a forward keeps the subject
// of what was forwarded.
func TestSplitSubjectRest(t *testing.T) {
	for _, test := range []struct {
		subject string
		want    SubjectParts
	}{
		{"Fwd: Re: Offer", SubjectParts{Base: "Offer", Rest: "Re: Offer", Forward: true}},
		{"[list] FW: [a] Offer", SubjectParts{Base: "[a] Offer", Rest: "[a] Offer", Forward: true}},
		{"[Fwd: Re: Offer]", SubjectParts{Base: "Offer", Rest: "Re: Offer", Forward: true}},
		{"(Fwd) Re: Offer", SubjectParts{Base: "Offer", Rest: "Re: Offer", Forward: true}},
		{"Offer (fwd)", SubjectParts{Base: "Offer", Rest: "Offer", Forward: true}},
		{"Re: Offer (fwd)", SubjectParts{Base: "Offer", Rest: "Re: Offer", Forward: true, Ambiguous: true}},
		{"VS: Tilbud", SubjectParts{Base: "Tilbud", Rest: "Tilbud", Forward: true, Ambiguous: true}},
		{"Re: Fwd: Offer", SubjectParts{Base: "Offer", Rest: "Re: Fwd: Offer", Reply: true}},
		{"[list] Offer", SubjectParts{Base: "[list] Offer", Rest: "[list] Offer"}},
	} {
		if got := SplitSubject(test.subject); got != test.want {
			t.Errorf("%q:\n got %+v\nwant %+v", test.subject, got, test.want)
		}
	}
}

// A prefix that meant two things would make the index depend on the order of a map.
func TestSubjectPrefixesMeanOneThing(t *testing.T) {
	kinds := map[string]prefixKind{}
	for kind, words := range subjectPrefixes {
		for _, key := range foldList(words) {
			if other, ok := kinds[key]; ok && other != kind {
				t.Errorf("%q is of kind %02b and %02b", key, kind, other)
			}
			kinds[key] = kind
		}
	}
}

func TestEveryPrefixIsReadByBothViews(t *testing.T) {
	for kind, words := range subjectPrefixes {
		for word := range strings.SplitSeq(words, "|") {
			subject := strings.ToUpper(word) + "[2]: Offer"
			base, reply, forward := BaseSubject(subject)
			parts := SplitSubject(subject)
			if base != "Offer" || parts.Base != "Offer" {
				t.Errorf("%q: base %q and %q", subject, base, parts.Base)
			}
			if reply != (kind&kindReply != 0) || forward != (kind&kindForward != 0) || parts.Forward != forward || parts.Reply != (reply && !forward) {
				t.Errorf("%q: reply=%v, forward=%v and %+v, want %02b", subject, reply, forward, parts, kind)
			}
		}
	}
}
