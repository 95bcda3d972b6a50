terraform {
  required_version = ">= 1.3" # document.name
}
