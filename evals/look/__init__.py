"""What people see, as pictures that a developer opens."""
