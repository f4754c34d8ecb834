package web

import (
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// openAPI is the description of the API for programs, in OpenAPI 3.1. It is made of the table that the routes are made
// of, and of the Go types of what is sent: it cannot tell anything else than what is served.
func (s *Server) openAPI(*request) (answer, error) {
	b := schemas{named: map[string]any{"Error": schema{"type": "object", "required": []string{"error"},
		"properties": schema{"error": schema{"type": "string"}, "hint": schema{"type": []string{"string", "null"}}}}}}
	paths := map[string]map[string]any{}
	for _, route := range s.apiRoutes() {
		at := apiBase + route.path
		if paths[at] == nil {
			paths[at] = map[string]any{}
		}
		paths[at][strings.ToLower(route.method)] = b.operation(route)
	}
	return document{v: map[string]any{
		"openapi": "3.1.0",
		"info": schema{"title": "Blindcopy", "version": "1", "description": "Mail on the timelines of a CRM. Times are RFC 3339 in UTC; " +
			"what is absent is null, an empty list is []."},
		"servers":  []any{schema{"url": strings.TrimSuffix(s.PublicURL, "/")}},
		"security": []any{schema{"token": []string{}}},
		"paths":    paths,
		"components": schema{"schemas": b.named,
			"securitySchemes": schema{"token": schema{"type": "http", "scheme": "bearer", "description": "A token is made under My address."}}},
	}}, nil
}

// schema is a piece of the document.
type schema = map[string]any

// schemas collects the types that are named in it.
type schemas struct{ named map[string]any }

// pathParam is a name in braces.
var pathParam = regexp.MustCompile(`\{(\w+)\}`)

func (b schemas) operation(route apiRoute) schema {
	params := []any{}
	for _, m := range pathParam.FindAllStringSubmatch(route.path, -1) {
		params = append(params, schema{"name": m[1], "in": "path", "required": true, "schema": schema{"type": "string"}})
	}
	for _, p := range route.query {
		params = append(params, schema{"name": p.name, "in": "query", "description": p.what, "schema": schema{"type": "string"}})
	}
	kind, body := "application/json", schema{}
	if route.replyType != "" {
		kind = route.replyType
	}
	if route.reply != nil {
		body["schema"] = b.of(reflect.TypeOf(route.reply))
	}
	status := max(route.status, http.StatusOK)
	op := schema{"summary": route.summary, "parameters": params, "responses": schema{
		strconv.Itoa(status): schema{"description": "Done", "content": schema{kind: body}},
		"default":            schema{"description": "Not done", "content": schema{"application/json": schema{"schema": schema{"$ref": "#/components/schemas/Error"}}}},
	}}
	if route.body != nil {
		op["requestBody"] = schema{"required": true, "content": schema{"application/json": schema{"schema": b.of(reflect.TypeOf(route.body))}}}
	}
	if route.open {
		op["security"] = []any{}
	}
	return op
}

var timeType = reflect.TypeFor[time.Time]()

// of describes a Go type as encoding/json writes it. Any text may be null: what is absent is.
func (b schemas) of(t reflect.Type) schema {
	switch {
	case t == timeType:
		return schema{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		return schema{"anyOf": []any{b.of(t.Elem()), schema{"type": "null"}}}
	case t.Kind() == reflect.Struct:
		return b.ref(t)
	case t.Kind() == reflect.Slice:
		return schema{"type": "array", "items": b.of(t.Elem())}
	case t.Kind() == reflect.Map:
		return schema{"type": []string{"object", "null"}}
	case t.Kind() == reflect.String:
		return schema{"type": []string{"string", "null"}}
	case t.Kind() == reflect.Bool:
		return schema{"type": "boolean"}
	case t.Kind() == reflect.Float64:
		return schema{"type": "number"}
	case t.Kind() == reflect.Interface:
		return schema{}
	}
	return schema{"type": "integer"}
}

// ref describes a struct once, under its name.
func (b schemas) ref(t reflect.Type) schema {
	name := strings.TrimPrefix(t.Name(), "api")
	if _, done := b.named[name]; !done {
		fields := schema{}
		b.named[name] = schema{"type": "object", "properties": fields}
		b.fields(t, fields)
	}
	return schema{"$ref": "#/components/schemas/" + name}
}

// fields are those that encoding/json writes; those of an embedded struct are the outer's own.
func (b schemas) fields(t reflect.Type, into schema) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			b.fields(f.Type, into)
		case f.IsExported() && name != "" && name != "-":
			into[name] = b.of(f.Type)
		}
	}
}
