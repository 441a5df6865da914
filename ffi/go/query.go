package regconf

// Query is a question to a node that is not about a file's bytes.
type Query struct {
	json map[string]any
}

// QueryDir asks for the names in a folder.
func QueryDir(path string) Query {
	return Query{map[string]any{"dir": path}}
}

// QueryUnit asks for a service: its unit and the command line of its main process.
func QueryUnit(name string) Query {
	return Query{map[string]any{"unit": name}}
}

// QueryCommand asks what a command prints.
func QueryCommand(words ...string) Query {
	return Query{map[string]any{"command": words}}
}

// QueryDaemon asks for the running processes of a program.
func QueryDaemon(program string) Query {
	return Query{map[string]any{"daemon": program}}
}

// QueryProgram asks where a program is.
func QueryProgram(name string) Query {
	return Query{map[string]any{"program": name}}
}

// QueryModified asks when a file was last written, in seconds since 1970.
func QueryModified(path string) Query {
	return Query{map[string]any{"modified": path}}
}

// Answer is what a node says to a [Query].
type Answer struct {
	json any
}

// AnswerText is what a command or a service manager printed.
func AnswerText(text string) Answer {
	return Answer{map[string]string{"text": text}}
}

// AnswerNames are the names in a folder; those of folders end in /.
func AnswerNames(names ...string) Answer {
	return Answer{map[string][]string{"names": append([]string{}, names...)}}
}

// AnswerUnusable is for what is there but cannot be used; the text says why.
func AnswerUnusable(why string) Answer {
	return Answer{map[string]string{"unusable": why}}
}

// AnswerAbsent is for what is not there.
func AnswerAbsent() Answer {
	return Answer{"absent"}
}
