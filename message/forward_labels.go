package message

import (
	"math/bits"
	"strings"
)

// forwardField names what a line of a header block tells.
type forwardField uint8

const (
	forwardOther forwardField = iota // a known field that says nothing we need, such as Importance
	forwardFrom
	forwardTo
	forwardCc
	forwardBcc
	forwardDate
	forwardSubject
	forwardFieldCount
)

// forwardLanguage holds the labels that mail clients print above a forwarded or quoted message in one language.
// Alternatives are separated by "|"; accents and case do not matter (foldText).
type forwardLanguage struct {
	code                        string
	from, to, cc, date, subject string
}

// forwardLanguages joins what Apple Mail, Gmail, Outlook (desktop, Mac, web), Thunderbird, Yahoo, HubSpot, GMX, Yandex,
// Mail.ru, Lotus Notes, Roundcube, Zimbra and QQ print. English comes first: clients mix it into every other language.
var forwardLanguages = []forwardLanguage{
	{"en", "from", "to|recipient|recipients", "cc|copy|carbon copy|copied", "date|sent|sent at|sent on|date sent", "subject"},
	{"cs", "od|odesílatel|odesilatel", "komu|příjemce|příjemci|adresát|pro", "kopie|kopie komu", "datum|odesláno|odesláno dne|odeslaná|datum odeslání", "předmět|věc"},
	{"da", "fra|afsender", "til|modtager|modtagere", "kopi|kopi til|cc til", "dato|sendt|afsendt", "emne|vedr"},
	{"de", "von|absender", "an|empfänger", "kopie|kopie (cc)|kopie an|in kopie", "gesendet|datum|gesendet am|gesendet um|verschickt|versendet|verfasst|geschickt", "betreff|betrifft|betr|thema"},
	{"es", "de|remitente|desde|de parte de", "para|a|destinatario|destinatarios", "copia|con copia|con copia a|copia a|c.c", "fecha|enviado|enviado el|enviado a las|enviada|enviada el|enviados|fecha de envío|fecha y hora", "asunto"},
	{"et", "saatja|kellelt|autor", "saaja|kellele|adressaat|saajad", "koopia|ärakiri", "kuupäev|saadetud|saatmise kuupäev|saatmisaeg", "teema|pealkiri"},
	{"fi", "lähettäjä|keneltä", "vastaanottaja|vastaanottajat|kenelle|saaja", "kopio|kopiot|jakelu", "päivämäärä|päivä|päiväys|pvm|lähetetty|lähetysaika|aika", "aihe|otsikko"},
	{"fr", "de|expéditeur|émetteur|exp|envoyé par", "à|pour|destinataire|destinataires|dest", "copie à|copie|copies|copie carbone|cc à", "date|envoyé|envoyé le|envoyée|date d'envoi|envoi", "objet|sujet"},
	{"hr", "od|šalje|pošiljatelj", "za|prima|primatelj|kome|primatelji", "kopija|kopija za|kopije|kopirano", "datum|poslano|datum slanja", "predmet|naslov|tema"},
	{"hu", "feladó|küldő", "címzett|címzettek", "másolat|másolatot kap|másolatot kapja", "dátum|elküldve|küldve|küldés dátuma|küldés ideje|elküldés dátuma|küldés időpontja", "tárgy"},
	{"it", "da|mittente", "a|per|destinatario|destinatari", "copia|copia a|copia conoscenza|per conoscenza|p.c|copia per conoscenza", "data|inviato|inviata|inviato il|inviata il|data invio|data di invio", "oggetto|soggetto"},
	{"nl", "van|afzender", "aan|naar|ontvanger|ontvangers|geadresseerde", "kopie|kopie aan|k.k", "datum|verzonden|verzonden op|verstuurd|verzenddatum", "onderwerp|betreft"},
	{"no", "fra|avsender", "til|mottaker|mottakere", "kopi|kopi til|kopimottaker", "dato|sendt|sendt dato", "emne|tittel"},
	{"pl", "od|nadawca", "do|adresat|odbiorca|adresaci|dla", "dw|kopia|do wiadomości|kopia do", "data|wysłano|wysłane|wysłany|wysłana|data wysłania", "temat"},
	{"pt", "de|remetente|enviado por|a partir de", "para|destinatário|destinatários", "cópia|com cópia|cópia para|com conhecimento", "data|enviado|enviada|enviado em|enviada em|enviado a|enviadas|data de envio|enviado às", "assunto|tópico"},
	{"ro", "de la|de|expeditor|expeditorul|de către", "către|catre|la|pentru|destinatar|destinatarul|destinatari", "copie|copie la|copie către|copie carbon", "dată|data|trimis|trimis la|trimisă|trimis pe|expediat", "subiect|subiectul"},
	{"ru", "от|от кого|отправитель|автор", "кому|получатель|получатели|для", "копия|копии|копия для|коп", "дата|отправлено|дата отправки|отправлен|послано|дата и время", "тема|тема письма|заголовок"},
	{"sk", "od|odosielateľ|odosielatel", "komu|pre|príjemca|príjemcovia|adresát", "kópia|kópie|kópia pre", "dátum|odoslané|poslané|dátum odoslania|odoslaná", "predmet|vec"},
	{"sv", "från|avsändare", "till|mottagare", "kopia|kopia till|kopior|kopie", "datum|skickat|skickades|skickad|sänt|sändes", "ämne|rubrik|ärende"},
	{"tr", "kimden|gönderen|gönderici|kimden gönderildi", "kime|alıcı|alıcılar|kime gönderildi", "bilgi|kopya|bilgi alanlar|karbon kopya", "tarih|gönderilme tarihi|gönderildi|gönderim tarihi|gönderme tarihi|gönderilen|gönderilme zamanı", "konu"},
	{"uk", "від|від кого|відправник|автор", "кому|до|одержувач|одержувачі|отримувач|отримувачі", "копія|копії|копія для", "дата|надіслано|відправлено|відіслано|дата надсилання|дата відправлення", "тема|тема листа"},
	{"be", "ад|ад каго|адпраўнік|адпраўшчык", "каму|атрымальнік", "копія", "дата|адпраўлена|даслана", "тэма"},
	{"bg", "от|подател|изпращач|от кого", "до|получател|получатели|за", "копие|копие до|як", "дата|изпратено|изпратена|изпратено на|дата на изпращане", "тема|относно"},
	{"ca", "de|remitent", "per a|per|a|destinatari|destinataris", "còpia|a/c|amb còpia|copia", "data|enviat|enviat el|enviada|data d'enviament", "assumpte"},
	{"el", "από|αποστολέας", "προς|παραλήπτης|παραλήπτες", "κοιν|κοινοποίηση|αντίγραφο|κοιν.", "ημερομηνία|εστάλη|στάλθηκε|ημ/νία|αποστολή|απεστάλη|ημερ|ημερομηνία αποστολής", "θέμα"},
	{"gl", "de|remitente", "para|a|destinatario", "copia", "data|enviado|enviado o", "asunto"},
	{"is", "frá|sendandi", "til|viðtakandi", "afrit|afrit til", "dagsetning|sent|dags|sent þann", "efni"},
	{"lt", "nuo|siuntėjas|nuo ko", "kam|gavėjas|gavėjai|skirta", "kopija|kopija kam|kop", "data|išsiųsta|siųsta|siuntimo data", "tema"},
	{"lv", "no|sūtītājs|no kā", "kam|saņēmējs|saņēmēji|adresāts", "kopija|kopija kam", "datums|nosūtīts|sūtīts|nosūtīšanas datums", "temats|tēma|priekšmets"},
	{"mk", "од|испраќач", "до|примач", "копија", "датум|испратено", "предмет|наслов|тема"},
	{"sl", "od|pošiljatelj", "za|komu|prejemnik|prejemniki", "kp|kopija|v vednost", "datum|poslano|datum pošiljanja", "zadeva"},
	{"sq", "nga|dërguesi", "për|drejt|marrësi", "kopje", "data|dërguar", "subjekti|tema"},
	{"sr", "od|šalje|pošiljalac|од|шаље|пошиљалац", "za|kome|prima|primalac|за|коме|прима|прималац", "kopija|kopija za|копија|копија за", "datum|poslato|датум|послато", "naslov|tema|predmet|наслов|тема|предмет"},
	{"ar", "من|المرسل|مرسل", "إلى|الى|المرسل إليه|المستلم|المستلمون", "نسخة|نسخة إلى|نسخة الى|نسخة كربونية", "التاريخ|تاريخ|تاريخ الإرسال|أرسلت|تم الإرسال|المرسلة|أُرسلت في|تم الإرسال في", "الموضوع|موضوع"},
	{"fa", "از|فرستنده", "به|گیرنده", "رونوشت", "تاریخ|ارسال شده|ارسال", "موضوع"},
	{"he", "מאת|מ|השולח|שולח", "אל|ל|עבור|נמען|נמענים", "עותק|העתק|עותק לידיעה|לידיעה|העתקים", "תאריך|נשלח|נשלח ב|נשלח בתאריך", "נושא|הנדון"},
	{"ja", "差出人|送信者|送信元|発信者|送り主", "宛先|受信者|送信先", "写し|カーボンコピー", "日時|日付|送信日時|送信日|送信|受信日時|送信時刻", "件名|題名|標題|タイトル"},
	{"ko", "보낸 사람|보낸사람|보낸이|발신자|발신|보내는 사람|보낸 이", "받는 사람|받는사람|받는이|수신자|수신|받은 사람|받는 이", "참조|참조인", "날짜|보낸 날짜|보낸날짜|일자|발신일|보낸 시간|보낸시간|전송|보냄|일시", "제목"},
	{"zh", "发件人|寄件人|寄件者|發件人|发信人|发送人|寄信人|发送者|發信人|来自", "收件人|收件者|收信人|至|发送给|發送至|发送至", "抄送|副本|抄送人|副本抄送", "日期|时间|時間|发送时间|發送時間|发送日期|寄件日期|傳送時間|寄信日期|發送日期|发件时间|传送时间|傳送日期|发件日期|已发送|已傳送|寄件時間", "主题|主題|主旨|标题|標題"},
	{"th", "จาก|ผู้ส่ง", "ถึง|ผู้รับ", "สำเนา|สำเนาถึง", "วันที่|ส่งเมื่อ|ส่ง|วันที่ส่ง", "เรื่อง|หัวเรื่อง|หัวข้อ"},
	{"vi", "từ|người gửi", "đến|tới|người nhận|gửi đến|gửi tới", "đồng gửi|bản sao", "ngày|đã gửi|thời gian|gửi lúc|ngày gửi|gửi|đã gửi lúc", "chủ đề|tiêu đề"},
	{"id", "dari|pengirim|daripada", "kepada|ke|untuk|penerima", "tembusan|salinan", "tanggal|dikirim|terkirim|tarikh|dihantar|dikirim pada", "subjek|perihal|judul|subyek|hal"},
	{"hi", "प्रेषक|से", "प्रति|को", "प्रतिलिपि", "दिनांक|भेजा गया|तारीख", "विषय"},
	{"az", "kimdən|göndərən", "kimə|alan", "surət", "tarix|göndərilib", "mövzu"},
	{"kk", "кімнен", "кімге", "көшірме", "күні|жіберілді", "тақырып|тақырыбы"},
	{"ka", "გამომგზავნი", "მიმღები|ვის", "ასლი", "თარიღი", "თემა"},
	{"eu", "nork|igorlea", "nori|hartzailea", "kopia", "data|bidalia", "gaia"},
}

// forwardBccLabels and forwardOtherLabels are known lines whose values are not used; knowing them keeps a block whole.
const (
	forwardBccLabels = "bcc|blindkopie|bcc an|cci|copie cachée|cco|ccn|bcc aan|udw|ukryta kopia|skrytá kopie|skrytá kópia|" +
		"hemlig kopia|blindkopi|piilokopio|rejtett másolat|titkos másolat|скрытая копия|прихована копія|gizli|ск|密件抄送|密件副本|숨은참조|숨은 참조"
	forwardOtherLabels = "received|reply-to|reply to|replyto|sender|organization|organisation|organizzazione|attachments|attachment|attached|importance|" +
		"priority|sensitivity|categories|message-id|mailed-by|mailed by|signed-by|signed by|resent-from|resent-to|resent-date|" +
		"list-id|user-agent|x-mailer|return-path|in-reply-to|references|mime-version|content-type|size|flag|" +
		"antwort an|antworten an|antwortadresse|anlagen|anhänge|wichtigkeit|priorität|vertraulichkeit|kategorien|" +
		"répondre à|pièces jointes|pièce jointe|responder a|responder para|archivos adjuntos|adjuntos|datos adjuntos|importancia|" +
		"anexos|importância|rispondi a|allegati|priorità|importanza|antwoord aan|beantwoorden|bijlagen|bijlage|belang|urgentie|" +
		"svar til|svara till|bilagor|bifogade filer|prioritet|viktighet|vigtighed|vedhæftede filer|vedlegg|vastausosoite|liitteet|tärkeys|" +
		"válaszcím|mellékletek|mellékelt fájlok|fontosság|odpovědět komu|odpověď|přílohy|důležitost|odpovedať|prílohy|dôležitosť|" +
		"odpowiedz do|załączniki|ważność|privitci|prilozi|важность|вложения|ответить|ответить кому|адрес для ответа|важливість|вкладення|" +
		"yanıtla|yanıt adresi|ekler|önem|răspundeți la|răspunde la|atașamente|返信先|添付ファイル|重要度|重要性|附件|回复|回复至|优先级|回覆|첨부|중요도"
)

// forwardLabel is one entry of the label index.
type forwardLabel struct {
	field     forwardField
	languages uint64 // one bit for each entry of forwardLanguages that has it
}

// forwardLabelIndex finds a folded label. Labels of one spelling mean one field in all languages of the table; a test
// holds that.
var forwardLabelIndex = forwardIndexLabels()

func forwardIndexLabels() map[string]forwardLabel {
	index := make(map[string]forwardLabel, 1024)
	add := func(field forwardField, languages uint64, labels string) {
		for _, label := range strings.Split(labels, "|") {
			key := foldText(label)
			known, ok := index[key]
			if ok && known.field != field {
				continue
			}
			index[key] = forwardLabel{field, known.languages | languages}
		}
	}
	add(forwardCc, forwardAnyLanguage, "cc")
	add(forwardBcc, forwardAnyLanguage, forwardBccLabels)
	for i, l := range forwardLanguages {
		bit := uint64(1) << i
		add(forwardFrom, bit, l.from)
		add(forwardTo, bit, l.to)
		add(forwardCc, bit, l.cc)
		add(forwardDate, bit, l.date)
		add(forwardSubject, bit, l.subject)
	}
	add(forwardOther, forwardAnyLanguage, forwardOtherLabels)
	return index
}

// forwardAnyLanguage marks labels that say nothing about the language of a block.
const forwardAnyLanguage = ^uint64(0)

// forwardLanguageCode names the first language of a set, or "".
func forwardLanguageCode(languages uint64) string {
	if languages == 0 || languages == forwardAnyLanguage {
		return ""
	}
	return forwardLanguages[bits.TrailingZeros64(languages)].code
}

// forwardMaxLabel bounds a label, in bytes; the longest of the table has under 60.
const forwardMaxLabel = 96

// forwardReadLabel splits "Label: value". It takes the colons of all scripts, blanks before the colon (French), bold
// marks of plain-text converters ("*From:* x", "**From:** x") and table bars.
func forwardReadLabel(line string) (label forwardLabel, value string, ok bool) {
	end, width := forwardColon(line)
	if end < 0 {
		return forwardLabel{}, "", false
	}
	label, ok = forwardFindLabel(line[:end])
	if !ok {
		return forwardLabel{}, "", false
	}
	return label, forwardTrimValue(line[:end], line[end+width:]), true
}

// forwardFindLabel looks a label up as printed, with bold marks and blanks around it.
func forwardFindLabel(printed string) (forwardLabel, bool) {
	key := foldText(strings.Trim(printed, "*_|•·- \t"))
	label, ok := forwardLabelIndex[strings.TrimSuffix(key, ".")]
	return label, ok && key != ""
}

// forwardColon finds the first colon of any script near the start of the line.
func forwardColon(line string) (at, width int) {
	for i, r := range cutString(line, forwardMaxLabel) {
		switch r {
		case ':':
			return i, 1
		case '：', '﹕', '︰':
			return i, 3
		}
	}
	return -1, 0
}

// forwardTrimValue drops table bars around a value, and the second half of bold marks that began before the label:
// "*From:* x", "*From: *x", "*From: x*".
func forwardTrimValue(printed, value string) string {
	value = strings.TrimSpace(value)
	printed = strings.TrimSpace(printed)
	if strings.HasPrefix(printed, "|") {
		return strings.Trim(value, "| ")
	}
	bold := printed[:len(printed)-len(strings.TrimLeft(printed, "*_"))]
	if bold == "" {
		return value
	}
	if !strings.HasSuffix(printed, bold) {
		if rest, ok := strings.CutPrefix(value, bold); ok {
			value = strings.TrimSpace(rest)
		} else {
			return strings.TrimSpace(strings.TrimSuffix(value, bold))
		}
	}
	// Apple Mail sets the subject in bold, too.
	if len(value) > 2*len(bold) && strings.HasPrefix(value, bold) && strings.HasSuffix(value, bold) && strings.Count(value, bold) == 2 {
		value = value[len(bold) : len(value)-len(bold)]
	}
	return value
}
