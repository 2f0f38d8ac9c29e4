package cloudwatch

import (
	"fmt"
	"regexp"
	"strconv"
)

// maxExpression is the most characters that CloudWatch takes in one expression.
const maxExpression = 2048

var token = regexp.MustCompile(`^\s*(\d+(?:\.\d+)?|[A-Za-z][A-Za-z0-9_]*|&&|\|\||[=!<>]=|[-+*/^<>(),])`)

// parse reads an expression of metric math. What AWS documents no precedence for is refused without
// parentheses: arithmetic beside a comparison or logic, two comparisons, and && beside ||. That a
// comparison goes before AND and OR is in AWS's examples.
func parse(text string) (formula, error) {
	if len(text) > maxExpression {
		return nil, fmt.Errorf("it has %d characters, want up to %d", len(text), maxExpression)
	}
	p := &parser{rest: text}
	p.next()
	parsed, err := p.expression(1)
	if err == nil && (p.token != "" || p.rest != "") {
		err = fmt.Errorf("found %q, want an operator or the end", p.token+p.rest)
	}
	return parsed, err
}

type parser struct {
	token string // empty at the end, or where nothing is known
	rest  string
}

func (p *parser) next() {
	match := token.FindStringSubmatch(p.rest)
	if match == nil {
		p.token = ""
		return
	}
	p.token, p.rest = match[1], p.rest[len(match[0]):]
	switch p.token { // they have two names
	case "AND":
		p.token = "&&"
	case "OR":
		p.token = "||"
	}
}

func (p *parser) expression(rank int) (formula, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	for {
		sign := p.token
		operator, ok := operators[sign]
		if !ok || operator.rank < rank {
			return left, nil
		}
		p.next()
		right, err := p.expression(operator.rank + 1)
		if err != nil {
			return nil, err
		}
		for _, side := range []formula{left, right} {
			if inner, is := side.(operation); is && undocumented(sign, inner.sign) {
				return nil, fmt.Errorf("%s stands beside %s without parentheses, and AWS documents no precedence "+
					"of theirs",
					inner.sign, sign)
			}
		}
		left = operation{sign, operator, left, right}
	}
}

// undocumented says whether the order of an operator and one on its side matters and is not
// documented.
func undocumented(outer, inner string) bool {
	if outer == inner {
		return operators[outer].kind == comparing
	}
	kinds := [2]kind{operators[outer].kind, operators[inner].kind}
	return kinds != [2]kind{arithmetic, arithmetic} && kinds != [2]kind{logical, comparing}
}

func (p *parser) operand() (formula, error) {
	found := p.token
	p.next()
	switch {
	case found == "":
		return nil, fmt.Errorf("found %q, want a number, an id, a function or a parenthesis", p.rest)
	case found == "-":
		of, err := p.operand()
		return negation{of}, err
	case found == "(":
		inner, err := p.expression(1)
		if err != nil {
			return nil, err
		}
		return grouped{inner}, p.expect(")")
	case found[0] >= '0' && found[0] <= '9':
		value, err := strconv.ParseFloat(found, 64)
		return literal(value), err
	case p.token == "(":
		return p.call(found)
	case found[0] >= 'a' && found[0] <= 'z':
		return reference(found), nil
	default:
		return nil, fmt.Errorf("found %q, want a number, an id, a function or a parenthesis", found)
	}
}

// grouped is what stands in parentheses.
type grouped struct{ formula }

func (p *parser) call(name string) (formula, error) {
	known, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("%s is no function that alarms here use", name)
	}
	p.next()
	var args []formula
	for {
		one, err := p.expression(1)
		if err != nil {
			return nil, err
		}
		args = append(args, one)
		if p.token != "," {
			break
		}
		p.next()
	}
	if len(args) < known.fewest || len(args) > known.most {
		return nil, fmt.Errorf("%s has %d arguments, want %d to %d", name, len(args), known.fewest, known.most)
	}
	return call{name, args}, p.expect(")")
}

func (p *parser) expect(want string) error {
	if p.token != want {
		return fmt.Errorf("found %q, want %q", p.token+p.rest, want)
	}
	p.next()
	return nil
}
