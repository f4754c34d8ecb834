package linker_test

import (
	"fmt"
	"strings"
	"time"
)

// language is what mail programs and people write in one.
type language struct {
	name, charset    string
	subjects, texts  []string
	names            []string
	regards, absent  string
	months, weekdays []string
	// From, Sent, To, Subject above a forwarded or quoted mail
	labels [4]string
	// the line above a forwarded mail: of Apple Mail and of Thunderbird
	begin, forwardedMail string
	// of Outlook
	reply, pass string
}

var german = language{
	name: "de", charset: "iso-8859-1",
	subjects: []string{"Angebot für die Lieferung", "Rückfrage zum Vertrag", "Termin nächste Woche", "Rechnung 2026-117", "Größe und Maße", "Unser Gespräch", "Muster", "Lieferzeit"},
	texts:    []string{"können wir am Donnerstag sprechen? Ich hätte noch zwei Fragen zu den Maßen.", "anbei das überarbeitete Angebot. Für Rückfragen bin ich gern da.", "vielen Dank für die schnelle Antwort. Das passt so.", "bitte schicken Sie uns noch die Größen."},
	names:    []string{"Günther Neu", "Heike Frisch"}, regards: "Mit freundlichen Grüßen", absent: "Abwesenheitsnotiz",
	months:   []string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	weekdays: []string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
	labels:   [4]string{"Von", "Gesendet", "An", "Betreff"}, begin: "Anfang der weitergeleiteten Nachricht:", forwardedMail: "-------- Weitergeleitete Nachricht --------",
	reply: "AW: ", pass: "WG: ",
}

var english = language{
	name: "en", charset: "iso-8859-1",
	subjects: []string{"Quote for the delivery", "Question about the contract", "Meeting next week", "Invoice 2026-118", "Sizes", "Our call", "Samples", "Lead time", "Price list"},
	texts:    []string{"could we talk on Thursday? I have two more questions about the sizes.", "please find the revised quote attached. I am happy to answer questions.", "thank you for the quick answer. That works for us.", "please send us the sizes."},
	names:    []string{"Nora Newman", "Walter Fresh"}, regards: "Kind regards", absent: "Automatic reply: out of office",
	months:   []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	weekdays: []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	labels:   [4]string{"From", "Sent", "To", "Subject"}, begin: "Begin forwarded message:", forwardedMail: "-------- Forwarded Message --------",
	reply: "RE: ", pass: "FW: ",
}

var russian = language{
	name: "ru", charset: "windows-1251",
	subjects: []string{"Коммерческое предложение", "Вопрос по договору", "Встреча на неделе", "Счет 2026-119", "Размеры", "Наш разговор", "Образцы"},
	texts:    []string{"можем созвониться в четверг? Остались два вопроса по размерам.", "во вложении новое предложение. Готов ответить на вопросы.", "спасибо за быстрый ответ. Нам подходит.", "пришлите, пожалуйста, размеры."},
	names:    []string{"Павел Новиков", "Мария Белова"}, regards: "С уважением", absent: "Автоответ: нет на месте",
	months:   []string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"},
	weekdays: []string{"воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"},
	labels:   [4]string{"От", "Отправлено", "Кому", "Тема"}, begin: "Начало переадресованного сообщения:", forwardedMail: "-------- Перенаправленное сообщение --------",
	reply: "RE: ", pass: "FW: ",
}

var languages = []language{german, english, russian}

func phrase(list []string, n int) string { return list[n%len(list)] }

func (l language) replyPrefix(s style) string {
	if s == outlook {
		return l.reply
	}
	return "Re: "
}

func (l language) forwardPrefix(s style) string {
	if s == outlook {
		return l.pass
	}
	return "Fwd: "
}

func (l language) month(t time.Time) string { return l.months[t.Month()-1] }

// long is a date in words and to the minute, as Outlook writes it, without a zone.
func (l language) long(t time.Time) string {
	day := l.weekdays[t.Weekday()]
	switch l.name {
	case "de":
		return fmt.Sprintf("%s, %d. %s %d %s", day, t.Day(), l.month(t), t.Year(), t.Format("15:04"))
	case "ru":
		return fmt.Sprintf("%s, %d %s %d г. %s", day, t.Day(), l.month(t), t.Year(), t.Format("15:04"))
	}
	return t.Format("Monday, January 2, 2006 3:04 PM")
}

// quote is what stands below an answer.
func (l language) quote(s style, q *note) string {
	body := "> " + strings.ReplaceAll(strings.TrimSpace(q.text), "\n", "\n> ") + "\n"
	switch s {
	case outlook:
		return "________________________________\n" + l.block(q, l.labels[1], l.long(q.at)) + "\n" + q.text + "\n"
	case thunderbird:
		return map[string]string{
			"de": "Am " + q.at.Format("02.01.06 um 15:04") + " schrieb " + q.from.name + ":\n",
			"en": "On " + q.at.Format("1/2/06 15:04") + ", " + q.from.name + " wrote:\n",
			"ru": q.at.Format("02.01.2006 15:04") + ", " + q.from.name + " пишет:\n",
		}[l.name] + body
	case gmail:
		return map[string]string{
			"de": "Am " + q.at.Format("02. Jan. 2006 um 15:04") + " Uhr schrieb " + q.from.String() + ":\n\n",
			"en": "On " + q.at.Format("Mon, Jan 2, 2006 at 3:04 PM") + " " + q.from.String() + " wrote:\n\n",
			"ru": fmt.Sprintf("%d %s %d г. в %s, %s:\n\n", q.at.Day(), l.month(q.at), q.at.Year(), q.at.Format("15:04"), q.from),
		}[l.name] + body
	}
	return map[string]string{
		"de": "> Am " + q.at.Format("02.01.2006 um 15:04") + " schrieb " + q.from.String() + ":\n> \n",
		"en": "> On 23 Nov 2026, at " + q.at.Format("15:04") + ", " + q.from.String() + " wrote:\n> \n",
		"ru": fmt.Sprintf("> %d %s %d г., в %s, %s написал(а):\n> \n", q.at.Day(), l.month(q.at), q.at.Year(), q.at.Format("15:04"), q.from),
	}[l.name] + body
}

// block is the header block above a quoted or forwarded mail.
func (l language) block(q *note, dateLabel, date string) string {
	var to []string
	for _, p := range q.to {
		to = append(to, p.String())
	}
	return fmt.Sprintf("%s: %s\n%s: %s\n%s: %s\n%s: %s\n", l.labels[0], q.from, dateLabel, date, l.labels[2], strings.Join(to, "; "), l.labels[3], q.subject)
}

// forward is a mail passed on inline.
func (l language) forward(s style, q *note) string {
	full := q.text + "\n\n" + q.language.regards + "\n" + q.from.name + "\n"
	if q.quoted != nil {
		full += "\n" + q.language.quote(q.style, q.quoted)
	}
	date := map[string]string{"de": "Datum", "en": "Date", "ru": "Дата"}[l.name]
	switch s {
	case gmail:
		return "---------- Forwarded message ---------\n" + l.block(q, "Date", q.at.Format("Mon, Jan 2, 2006 at 3:04 PM")) + "\n\n" + full
	case outlook:
		return "________________________________\n" + l.block(q, l.labels[1], l.long(q.at)) + "\n" + full
	case thunderbird:
		return l.forwardedMail + "\n" + strings.ReplaceAll(l.block(q, date, q.at.Format(time.RFC1123Z)), ": ", ": \t") + "\n\n" + full
	}
	when := map[string]string{
		"de": fmt.Sprintf("%d. %s %d um %s MEZ", q.at.Day(), l.month(q.at), q.at.Year(), q.at.Format("15:04:05")),
		"en": q.at.Format("January 2, 2006 at 3:04:05 PM GMT+1"),
		"ru": fmt.Sprintf("%d %s %d г., %s GMT+1", q.at.Day(), l.month(q.at), q.at.Year(), q.at.Format("15:04:05")),
	}[l.name]
	text := l.begin + "\n\n" + l.block(q, date, when) + "\n" + full
	if s == phone {
		text = l.begin + "\n\n> " + strings.ReplaceAll(strings.TrimSpace(l.block(q, date, when)+"\n"+full), "\n", "\n> ") + "\n"
	}
	return text
}
