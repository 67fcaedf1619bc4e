from .knn import fill_from_neighbors as fill_from_neighbors
