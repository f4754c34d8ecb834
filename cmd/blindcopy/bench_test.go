package main

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkPeople reads a HubSpot export of 100,000 rows.
func BenchmarkPeople(b *testing.B) {
	var text strings.Builder
	text.WriteString("Record ID,First Name,Last Name,Email,Phone Number,Associated Company\n")
	for i := range 100_000 {
		fmt.Fprintf(&text, "%d,Ben,\"Carter, %d\",ben%d@client%d.example,+1 555 0100,Client %d Ltd\n", i, i, i, i%500, i%500)
	}
	data := []byte(text.String())
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		seq, err := people(data)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for range seq {
			n++
		}
		if n != 100_000 {
			b.Fatalf("read %d rows", n)
		}
	}
}
