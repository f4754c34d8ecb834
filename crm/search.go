package crm

// RecordSearch asks for one page of a list of contacts, companies, leads or deals. Zero fields do not narrow.
type RecordSearch struct {
	// Text is the beginning of words of the name or title, of an address, or of a domain: "ben car", "ben.c",
	// "ben@client", "client.example".
	Text    string
	Owner   Address // e-mail address of the user who owns it; of leads, who is responsible
	Company int64   // of contacts and deals
	Contact int64   // of deals
	Status  string  // of leads and deals
	Stage   *string // of deals; "" is those in none
	Sort    RecordOrder
	After   int64 // only records with a larger id: what follows when all are read, oldest first
	Page    int   // from 0
	Size    int   // rows of a page; 0 is 50
}

// RecordOrder is what a list is sorted by.
type RecordOrder string

// Lists are sorted by when a record was made, or by its name or title, in the order of letters.
const (
	NewestFirst RecordOrder = ""
	OldestFirst RecordOrder = "oldest"
	ByName      RecordOrder = "name"
	ByNameDown  RecordOrder = "-name"
)

// Found is one page of a list, and how many there are in all.
type Found[T any] struct {
	Records []T `json:"records"`
	Total   int `json:"total"`
}

// Stage is a step of the sale, in the words of whoever sells, and how many deals are in it.
type Stage struct {
	Name  string `json:"name"`
	Deals int    `json:"deals"`
}
