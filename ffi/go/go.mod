module regconf

go 1.24
