
#es Las probabilidades: N x @COUNT@, en el orden de CLASSES; las de cada imagen suman 1.
#en The probabilities: N x @COUNT@, in the order of CLASSES; each image's sum to 1.
for number, row in enumerate(probabilities[:10]):
    best = int(row.argmax())
    print(f"{number}: {CLASSES[best]} {row[best]:.2%}")
