package main

import (
	"strings"
)

// The words of column headers, lower-case and without punctuation. A new export's header
// is one more word in a list.

// entities are the records that a header may be prefixed with.
var entities = wordMap(map[string]string{
	"person":  "person people contact contacts kontakt kontakte kontaktperson ansprechpartner контакт контакты контактное_лицо personne persona pessoa",
	"company": "organization organisation organizations company account firma unternehmen компания организация société entreprise empresa azienda organización organização",
	"deal":    "deal deals lead leads geschäft angebot сделка лид opportunity",
})

// titles are whole headers.
var titles = wordMap(map[column]string{
	columnName: "name full_name fullname display_name contact_name person_name person contact kontakt kontaktname vollständiger_name ganzer_name anzeigename " +
		"ansprechpartner имя_и_фамилия фамилия_и_имя фио ф_и_о полное_имя контактное_лицо контакт nom_complet nombre_completo nome_completo nom",
	columnFirst: "first_name firstname first given_name givenname forename vorname rufname имя prénom prenom nombre nome primeiro_nome first_name_s",
	columnMiddle: "middle_name additional_name second_name zweiter_name zweiter_vorname отчество второе_имя " +
		"segundo_nombre deuxième_prénom",
	columnLast: "last_name lastname last surname family_name familyname nachname familienname фамилия nom_de_famille apellido apellidos cognome sobrenome last_name_s",
	columnCompany: "company company_name companyname associated_company primary_company primary_associated_company organization organisation organization_name " +
		"organisation_name account account_name employer business firma firmenname firmname unternehmen unternehmensname name_des_unternehmens zugehöriges_unternehmen " +
		"zugeordnetes_unternehmen arbeitgeber компания название_компании наименование_компании организация название_организации работодатель " +
		"société entreprise nom_de_l_entreprise empresa nombre_de_la_empresa azienda nome_azienda nome_da_empresa",
})

// familyAlone are headers that mean the family name where a given name stands beside them.
var familyAlone = []string{"name", "nom"}

// emailSpellings brings an e-mail word to one spelling. The first letter of some is Cyrillic.
var emailSpellings = strings.NewReplacer(
	"e-mail", "email", "е-mail", "email", "e mail", "email", "e‑mail", "email", "emails", "email", "mailadresse", "email", "mail-adresse", "email",
	"email-adresse", "email", "email-adressen", "email", "emailadresse", "email", "emailaddress", "email",
	"электронная почта", "email", "электронной почты", "email", "эл. почта", "email", "эл.почта", "email", "почта", "email", "имейл", "email",
	"adresse électronique", "email", "courriel", "email", "correo electrónico", "email", "correo", "email", "indirizzo email", "email",
)

var emailQualifiers = wordSet(`address addresses adresse adressen work home other another primary main secondary additional business private personal office
	company contact person value default direct preferred newsletter newsletters hubspot
	arbeit geschäftlich geschäftliche beruflich berufliche dienstlich privat private andere anderer andererseits weitere weiterer sonstige haupt primäre des kontakts
	рабочий рабочая рабочего частный личный личная домашний другой другая дополнительный дополнительные основной основная для рассылок адрес адреса контакта
	professionnel professionnelle personnel autre trabajo personal otro laboral lavoro altro`)

// wordMap turns lists into a map from each word; _ stands for a space.
func wordMap[V comparable](lists map[V]string) map[string]V {
	m := map[string]V{}
	for value, list := range lists {
		for word := range strings.FieldsSeq(list) {
			m[strings.ReplaceAll(word, "_", " ")] = value
		}
	}
	return m
}

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}
