package message

import (
	"strings"
	"unicode/utf8"
)

// forwardMonths holds, per month, the beginnings of its names in the languages of forwardLanguages, folded when the
// index is built. The longest beginning that fits a word wins: "marraskuuta" is November, "mars" March.
var forwardMonths = [12]string{
	"jan gen ene ian jaan sty led leden sij sječ tam ocak oca янв јан яну січ студ ιαν sau ינו يناير jän urt มกรา جانف ژانویه yan xan იან қаң जन сту มค",
	"feb fév fev lut únor úno velj hel şub фев феб лют φεβ veeb vas פבר فبراير شباط فيفري กุมภา otsa ots shk თებ ақп फर فور กพ",
	"mar mär brez břez břez ožu maal maar mrt мар бер сак μάρ kov מרץ مارس آذار มีนา mac març marz მარ нау मार มีค",
	"apr abr avr ápr kwi dub trav huht nis апр кві крас απρ bal אפר أبريل ابريل نيسان أفريل เมษา tra pri api აპრ сәу अप آور кра เมย",
	"may mai maj mei mag máj kvě květ svib svi touk май мая мај трав μάι μαΐ geg מאי مايو أيار ماي พฤษภา maia მაი мам मई مه พค",
	"jun juin giu cze červn červen čvn kes haz июн юни јун чер чэр ιούν bir יונ يونيو حزيران جوان มิถุนา juun jún jūn iun iyn iyu lipnj lipanj qer eka xun ივნ мау जून ژوئن มิย",
	"jul juil lug lip červenc čvc hei tem июл юли јул лип ліп ιούλ lie יול يوليو تموز جويلية กรกฎา juul júl jūl iul iyl iyul srpnj srpanj korr uzt xul ივლ шіл जुल ژوئی กค",
	"aug ago aoû sie srp kol elok elo ağu авг серп сер жні αύγ rugp אוג أغسطس اغسطس آب أوت สิงหา ogos agu ávg avg abuz ag avq gush abu ogo აგვ там अग اوت สค",
	"sep set szept wrz zář září ruj syys eyl сен септ вер σεπ rugs ספט سبتمبر أيلول กันยา irai sen sent sht ira სექ қыр сеп सित سپتا กย",
	"oct okt ott out paź paźd říj loka eki окт жов кас οκτ spa אוק أكتوبر اكتوبر ตุลา urr tet ოქტ қаз अक्ट اکت ตค",
	"nov lis stud studen marras kas ноя ноем нов лис ліс νοέ lap נוב نوفمبر พฤศจิกา aza noi noy stu nën ნოე қар ное नव نوام พย",
	"dec dic déc dez dis des gru pros pro joul ara дек дец груд гру сне δεκ dets דצמ ديسمبر ธันวา abe dek dhj დეკ жел दिस دسام ธค",
}

// forwardCroatianMonths are beginnings that mean another month in Croatian than in Polish and Czech.
var forwardCroatianMonths = map[string]int{"lip": 6, "srp": 7, "lis": 10}

// forwardWeekdays are words for days of the week that begin like a month.
var forwardWeekdays = forwardWordSet("martes martedì mardi marți marţi marti martedi maanantai maanantaina mardi pazar pazartesi dimanche dimarts " +
	"sábado sabado dissabte gennadi decena середа середу lunes deser vasárnap сенбі shtunë martë senin isnin")

var forwardMonthIndex = forwardIndexMonths()

func forwardIndexMonths() map[string]int {
	index := make(map[string]int, 512)
	for i, names := range forwardMonths {
		for _, name := range strings.Fields(names) {
			index[foldText(name)] = i + 1
		}
	}
	return index
}

// forwardMonth finds the month that a folded word names, or 0.
func forwardMonth(word, language string) int {
	if forwardWeekdays[word] {
		return 0
	}
	word = strings.TrimPrefix(word, "ב") // Hebrew writes "in October" as one word
	if r := []rune(cutString(word, 64)); len(r) >= 3 && language == "hr" {
		if month, ok := forwardCroatianMonths[string(r[:3])]; ok {
			return month
		}
	}
	for end := len(word); end > 1; {
		if month, ok := forwardMonthIndex[word[:end]]; ok {
			return month
		}
		_, size := utf8.DecodeLastRuneInString(word[:end])
		end -= size
	}
	return 0
}

// forwardDayHalves are the marks of a twelve-hour clock: 1 forenoon, 2 afternoon.
var forwardDayHalves = forwardIndexHalves()

func forwardIndexHalves() map[string]int {
	index := make(map[string]int)
	for _, word := range strings.Fields("am dop fm fh ap öö sa pg pd priešpiet priekšp претпл дп ص 上午 午前 오전 凌晨 早上 sáng πμ") {
		index[foldText(word)] = 1
	}
	for _, word := range strings.Fields("pm odp em eh ip ös ch ptg tgh md pop popiet pēcp попл пп م 下午 午後 오후 晚上 chiều tối μμ du") {
		index[foldText(word)] = 2
	}
	return index
}
