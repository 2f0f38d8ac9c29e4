// Package chroma stands in for the highlighter of code of the same import path, with which the
// Pulumi CLI colours code in Markdown. It has a lexer for each of hundreds of languages.
package chroma

// TokenType is a part of speech of a language.
type TokenType int

// The parts that have a colour.
const (
	Text TokenType = iota
	Error
	Comment
	CommentPreproc
	Keyword
	KeywordReserved
	KeywordNamespace
	KeywordType
	Operator
	Punctuation
	Name
	NameBuiltin
	NameTag
	NameAttribute
	NameClass
	NameConstant
	NameDecorator
	NameException
	NameFunction
	NameOther
	Literal
	LiteralNumber
	LiteralDate
	LiteralString
	LiteralStringEscape
	GenericDeleted
	GenericEmph
	GenericInserted
	GenericStrong
	GenericSubheading
	Background
)

// StyleEntries are the colours of a style.
type StyleEntries map[TokenType]string

// Style is a style, which nothing is shown in.
type Style struct{}

// MustNewStyle makes a style.
func MustNewStyle(string, StyleEntries) *Style { return &Style{} }
