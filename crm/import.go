package crm

// ImportRow is one contact of a file.
type ImportRow struct {
	Line    int // of the file, for errors
	Name    string
	Emails  []Address
	Company string  // name; made if new
	Domain  string  // corporate domain of a company that has to be made, or ""
	Owner   Address // of a contact that has to be made
}

// ImportReport counts what became of the rows. A row is in one of the first three, or in Errors.
type ImportReport struct {
	Added     int         `json:"added"`
	Updated   int         `json:"updated"`
	Unchanged int         `json:"unchanged"`
	Companies int         `json:"companies"` // that were made
	Errors    []LineError `json:"errors"`
}

// LineError is a row that was left out.
type LineError struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

// ImportPreview is what an import would do.
type ImportPreview struct {
	Columns []ImportColumn `json:"columns"` // of a CSV file
	Rows    []ImportRow    `json:"rows"`    // the first people, as they were read
	Report  ImportReport   `json:"report"`
}

// ImportColumn is a column of a CSV file.
type ImportColumn struct {
	Title string `json:"title"`
	Means string `json:"means"` // what we take it for; "" is nothing
}
