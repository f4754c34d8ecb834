package web

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"
)

//go:embed templates
var templateFiles embed.FS

// templates are the pages. Each has its own set: its file, the layout, and the partials, which all share.
type templates struct {
	pages map[string]*template.Template
}

// shared are the files that stand in every set.
const shared = "templates/layout.html templates/partials/*.html"

func readTemplates(a *assets) (*templates, error) {
	base := template.New("").Funcs(functions(a))
	base, err := base.ParseFS(templateFiles, strings.Fields(shared)...)
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	files, err := fs.Glob(templateFiles, "templates/pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	t := &templates{pages: map[string]*template.Template{}}
	for _, file := range files {
		set, err := base.Clone()
		if err == nil {
			set, err = set.ParseFS(templateFiles, file)
		}
		if err != nil {
			return nil, fmt.Errorf("read the template %s: %w", file, err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, "templates/pages/"), ".html")
		if set.Lookup("main") == nil {
			return nil, fmt.Errorf("the template %s has no block main", file)
		}
		t.pages[name] = set
	}
	return t, nil
}

// has tells whether a page has a block.
func (t *templates) has(page, block string) bool {
	set := t.pages[page]
	return set != nil && block != "layout" && block != "plain" && set.Lookup(block) != nil
}

func (t *templates) render(w io.Writer, page, block string, v *view) error {
	set := t.pages[page]
	if set == nil {
		return fmt.Errorf("there is no template %q", page)
	}
	if err := set.ExecuteTemplate(w, block, v); err != nil {
		return fmt.Errorf("make the page %s: %w", page, err)
	}
	return nil
}
