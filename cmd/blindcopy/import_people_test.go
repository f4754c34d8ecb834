package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"blindcopy/crm"
)

const importFolder = "../../testdata/import"

// TestPeople reads every crafted export; a person is written `name <address address> company`.
func TestPeople(t *testing.T) {
	test := func(file string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, readAll(t, file)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
	test("hubspot.csv",
		"2: Ben Carter <ben@client.example b.carter@client.example ben@home.example> Client Ltd",
		"3: O'Neil, Mary Smith <mary@client.example> Client Ltd",
		"4: ! no name and no e-mail address",
		"5: ! No Mail has no e-mail address")
	test("hubspot-german.csv", "2: Jürgen Müller <j.mueller@muster.example> Müller & Söhne GmbH")
	test("pipedrive.csv",
		"2: Ben Carter <ben@client.example ben@home.example> Client Ltd",
		"3: Mary Smith <mary@client.example m.smith@client.example> Client Ltd")
	test("pipedrive-organization.csv", "2: Ben Carter <ben@client.example> Client Ltd")
	test("pipedrive-russian.csv", "2: Анна Каренина <anna@klient.example karenina@home.example> Ромашка")
	test("bitrix24-russian.csv",
		`2: Анна Сергеевна Каренина <anna@klient.example karenina@home.example> ООО "Ромашка"`,
		`3: Лев Толстой <lev@klient.example> ООО "Ромашка"`)
	test("bitrix24-english.csv", "2: Ben Q. Carter <ben@client.example> Client Ltd")
	test("german-excel.csv",
		"2: Jürgen Müller <j.mueller@muster.example> Müller & Söhne GmbH",
		"3: Zoë Weiß <zoe@cafe.example> Café Größe")
	test("outlook-utf16.txt", "2: José Núñez <jose@empresa.example jose@home.example> Empresa")
	test("google.csv", "2: 太郎 山田 <taro@rei.example yamada@rei.example taro@home.example> 株式会社例")
	test("generic.csv",
		"2: Ben Carter <ben@client.example> Client Ltd",
		"3: Multi Line <multi@client.example> A, B and C")
	test("separator-line.csv", "3: Ben <ben@client.example> ")
	test("no-header.csv",
		"1: Ben Carter <ben@client.example> Client Ltd",
		"2: Mary Smith <mary@client.example> Client Ltd")
	test("foreign-header.csv", "2: Väinö Linna <vaino@yritys.example> Yritys Oy")
	test("bad-rows.csv",
		"2: Ben Carter <ben@client.example> Client Ltd",
		"3: ! a quote is opened and never closed",
		"4: ! Nobody has no e-mail address",
		`5: ! "not-an-address" is no e-mail address`,
		`6: ! "bad@" is no e-mail address`,
		`6: Half <good@client.example> Client Ltd`,
		`7: Smith "Bob" Ltd <bob@client.example> Client Ltd`,
		"8: ! Too few has no e-mail address",
		`9: Last <last@client.example> Client "The" Ltd`)
	test("modern.vcf",
		"1: Ben Carter <ben@client.example ben@home.example> Client, Sons; Co",
		"11: Анна Сергеевна Каренина <anna@klient.example> ",
		"23: ! No Mail has no e-mail address",
		"27: ! the card has no END:VCARD",
		"27: No End <noend@client.example> ",
		"31: Last One <last@client.example> ")
	test("phone-2.1.vcf",
		"1: Анна Каренина <anna@klient.example karenina@home.example> Ромашка",
		"20: Jürgen <juergen@muster.example> ")
}

func TestPeopleWithoutAddresses(t *testing.T) {
	for file, want := range map[string]string{
		"name,phone\nBen,1\n": "no column with e-mail addresses among: name, phone",
		"":                    "the file is empty",
		"\n\n \n":             "the file is empty",
	} {
		_, err := people([]byte(file))
		if err == nil || err.Error() != want {
			t.Errorf("people(%q) = %v, want %q", file, err, want)
		}
	}
}

func TestSpreadsheetFormulaGuardIsNoPartOfAName(t *testing.T) {
	if got := cleanName("'=Ben"); got != "=Ben" {
		t.Errorf("cleanName('=Ben) = %q", got)
	}
}

// TestUnclosedQuotesStayLinear: each line of this file opens a quote that never ends.
func TestUnclosedQuotesStayLinear(t *testing.T) {
	data := []byte("name,email\n" + strings.Repeat("\"x,y@client.example\n", 200_000))
	start, n := time.Now(), 0
	seq, err := people(data)
	if err != nil {
		t.Fatal(err)
	}
	for range seq {
		n++
	}
	if took := time.Since(start); took > 5*time.Second || n < 190_000 {
		t.Errorf("read %d of 200000 rows in %v, want all within 5s", n, took)
	}
}

func readAll(t *testing.T, file string) (got []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(importFolder, file))
	if err != nil {
		t.Fatal(err)
	}
	seq, err := people(data)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for p, err := range seq {
		var bad lineError
		if errors.As(err, &bad) {
			got = append(got, fmt.Sprintf("%d: ! %s", bad.line, bad.text))
		}
		if len(p.emails) > 0 {
			got = append(got, fmt.Sprintf("%d: %s <%s> %s", p.line, p.name, joined(p.emails), p.company))
		}
	}
	return got
}

func joined(addresses []crm.Address) string {
	words := make([]string, len(addresses))
	for i, a := range addresses {
		words[i] = string(a)
	}
	return strings.Join(words, " ")
}
